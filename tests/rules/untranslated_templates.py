"""Finds the words in Django templates that a person would read in English whatever their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split

# Names, written the same in every language.
NAMES = re.compile(r"\b(?:Margin|SHA-256|ISO|AC1|AC2)\b")
# What a browser or a screen reader says of an element, beside its text.
SPOKEN = {"title", "alt", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder"}
SPOKEN |= {"label", "summary", "hx-confirm", "hx-prompt"}
BUTTONS = {"submit", "button", "reset"}
# Code is the same in every language, and so is what stands on a key.
UNREAD = {"script", "style", "code", "pre", "kbd"}
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "source", "area", "base", "col", "embed", "track"}
# These filters make English out of a number or a word.
ENGLISH = {"pluralize", "title", "capfirst", "yesno", "timesince", "timeuntil"}
TRANSLATED = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
# Blocks that stand inside a tag of base.html: their text is a class or an attribute.
ATTRIBUTES = {"width", "class", "body", "at_home", "at_settings"}
HOLE = "\ue000"  # stands for what Django puts in; no letter

_FILTER = re.compile(r"\|\s*(\w+)(?::(\"[^\"]*\"|'[^']*'|_\(.*?\)|[^\s|]+))?")
_QUOTED = re.compile(r"=(\"[^\"]*\"|'[^']*')$")


def untranslated(template: str) -> list[str]:
    """“line: what” for each."""
    found: list[tuple[int, str]] = []
    page = _Page()
    page.feed("".join(_html(Lexer(template).tokenize(), found)))
    page.close()
    return [f"{line}: {what}" for line, what in sorted(found + page.found)]


def _html(tokens: list[Token], found: list[tuple[int, str]]) -> Iterator[str]:
    """The template's own HTML: a hole where a tag or variable stands, nothing of what is translated."""
    until = ""
    for token in tokens:
        word = token.contents.split(" ", 1)[0]
        lines = "\n" * token.contents.count("\n")
        if until:
            until = "" if token.token_type == TokenType.BLOCK and word == until else until
            yield lines
        elif token.token_type == TokenType.TEXT:
            yield token.contents
        elif token.token_type == TokenType.COMMENT:
            yield lines
        else:
            until = _unread_until(token, word)
            found += [(token.lineno, what) for what in _in_tag(token, word)]
            yield HOLE + lines


def _unread_until(token: Token, word: str) -> str:
    """The tag up to which nothing is read by a person as it stands; none where the next text is."""
    if token.token_type != TokenType.BLOCK:
        return ""
    if word == "block" and set(token.contents.split()) & ATTRIBUTES:
        return "endblock"
    return TRANSLATED.get(word, "")


def _in_tag(token: Token, word: str) -> Iterator[str]:
    """What a tag or variable itself brings in."""
    for match in _FILTER.finditer(token.contents):
        name, argument = match[1], match[2] or ""
        if name in ENGLISH:
            yield f"the filter {name}, which knows English only"
        if name in {"default", "default_if_none"} and argument[:1] in "\"'" and _words(argument):
            yield f"the word {argument} behind {name}"
    if token.token_type == TokenType.BLOCK and word in {"include", "with", "firstof", "cycle"}:
        for part in list(smart_split(token.contents))[1:]:
            quoted = _QUOTED.search(part)
            text = (
                quoted[1][1:-1] if quoted else part[1:-1] if word in {"firstof", "cycle"} and part[0] in "\"'" else ""
            )
            if _words(text) and (" " in text or text[:1].isupper()):
                yield f"the text “{text}” in {{% {word} %}}"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append(tag)
        given = {name: value or "" for name, value in attrs}
        read = {name for name in given if name in SPOKEN}
        # Scripts show what stands there; one word is for them, a sentence for people.
        read |= {name for name in given if name.startswith("data-") and " " in given[name].strip()}
        if tag == "input" and given.get("type") in BUTTONS:
            read.add("value")
        if tag == "meta" and given.get("name") == "description":
            read.add("content")
        for name in sorted(read):
            if _words(given[name]):
                self.found.append((self.getpos()[0], f"{name}=“{given[name]}”"))
        if tag == "html" and any(letter.isalpha() for letter in given.get("lang", "")):
            self.found.append((self.getpos()[0], f"a fixed lang=“{given['lang']}”"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:  # else the other half of an {% if %}
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if set(self._open) & UNREAD or not _words(data):
            return
        line = self.getpos()[0]
        for text in data.split("\n"):
            if _words(text):
                self.found.append((line, f"the text “{' '.join(text.replace(HOLE, '…').split())}”"))
            line += 1


def _words(text: str) -> bool:
    return any(letter.isalpha() for letter in NAMES.sub("", text))
