from __future__ import annotations

import pytest

from tests.webapp.rendered_html import page
from webapp.rendering import render
from webapp.rendering.hidden import MOST_CHIPS

HIDDEN = [
    ("\u202a", "U+202A", "LEFT-TO-RIGHT EMBEDDING"),
    ("\u202e", "U+202E", "RIGHT-TO-LEFT OVERRIDE"),
    ("\u2066", "U+2066", "LEFT-TO-RIGHT ISOLATE"),
    ("\u2069", "U+2069", "POP DIRECTIONAL ISOLATE"),
    ("\u200b", "U+200B", "ZERO WIDTH SPACE"),
    ("\ufeff", "U+FEFF", "ZERO WIDTH NO-BREAK SPACE"),
    ("\u2060", "U+2060", "WORD JOINER"),
    ("\U000e0041", "U+E0041", "TAG LATIN CAPITAL LETTER A"),
    ("\U000e0100", "U+E0100", "VARIATION SELECTOR-17"),
    ("\x1b", "U+001B", "CONTROL CHARACTER"),
    ("\x7f", "U+007F", "CONTROL CHARACTER"),
    ("\x9b", "U+009B", "CONTROL CHARACTER"),
]


@pytest.mark.parametrize(
    "around", ["a{}b", "`a{}b`", "```\na{}b\n```", "```python\n'a{}b'\n```", "|a{}b|\n|-|", "    a{}b"]
)
@pytest.mark.parametrize(("character", "label", "name"), HIDDEN)
def test_a_hidden_character_is_a_chip(character: str, label: str, name: str, around: str) -> None:
    html = render(around.format(character))
    assert f'<span class="ctl" title="{name}">{label}</span>' in html
    assert character not in html


@pytest.mark.parametrize(
    "text", ["&#x202e;a", "&#8238;a", "a\\\u202eb", "![\u202e](https://a.example)", "$\\unicode{x202e}$"]
)
def test_no_detour_lets_an_override_reorder_the_page(text: str) -> None:
    assert "\u202e" not in render(text)


def test_an_override_in_an_address_is_encoded() -> None:
    html = render("[a](https://a.example/\u202egnp.exe)")
    assert "\u202e" not in html
    assert page("[a](https://a.example/\u202egnp.exe)").all("a")[0]["href"] == "https://a.example/%E2%80%AEgnp.exe"


@pytest.mark.parametrize(
    "text",
    [
        "a\u200eb\u200fc\u061cd",
        "می\u200cخواهم",
        "👩\u200d💻",
        "❤\ufe0f",
        "葛\U000e0100",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_marks_that_writing_needs_stay(text: str) -> None:
    assert page(text).words.strip() == text


def test_variation_selectors_in_a_row_are_seen() -> None:
    assert page("😀\ufe00\ufe01\ufe0f").words.strip() == "😀\ufe00U+FE01U+FE0F"


def test_a_run_is_one_chip_with_its_length() -> None:
    assert page("a" + "\u200b" * 500 + "b").words.strip() == "aU+200B ×500b"


def test_a_text_of_hidden_characters_does_not_grow_without_bound() -> None:
    html = render("\u200b\ufeff" * 50_000 + "a")
    assert html.count('class="ctl"') == MOST_CHIPS
    assert html.count("\ufffd") == 100_000 - MOST_CHIPS
