"""The words that Chinese readers meet are those of docs/languages.md, and one thing is never called by two."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from webapp.management.catalogues import forms
from webapp.paths import BASE_DIR

CATALOGUE = BASE_DIR / "webapp" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def glossary() -> tuple[list[str], list[str]]:
    """The words that are said, the longest first, and those that never are."""
    page = (BASE_DIR / "docs" / "languages.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| ?([^|]*)\|$", page, re.MULTILINE)[1:]
    said, refused = (re.findall(r"\w+", " ".join(column)) for column in zip(*rows, strict=True))
    return sorted(said, key=len, reverse=True), refused


SAID, REFUSED = glossary()


def refused_in(sentence: str) -> list[str]:
    for word in SAID:
        sentence = sentence.replace(word, "·")
    return [word for word in REFUSED if word in sentence]


def test_no_sentence_has_a_second_word_for_something() -> None:
    with CATALOGUE.open("rb") as file:
        sentences = [one for message in read_po(file) if message.id for one in forms(message.string)]
    assert len(sentences) > 2000
    assert [(sentence, found) for sentence in sentences if (found := refused_in(sentence))] == []


@pytest.mark.parametrize(("sentence", "found"), [("请联系管理员。", ["管理员"]), ("请联系系统管理员。", [])])
def test_a_refused_word_is_found_but_for_where_it_is_part_of_another(sentence: str, found: list[str]) -> None:
    assert refused_in(sentence) == found
