"""What a page asks of a text's blocks: headings below its own, each in its own direction, columns aligned by class."""

from __future__ import annotations

import unicodedata

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_OWN_DIRECTION = {"paragraph_open", "heading_open", "th_open", "td_open"}
_CONTAINERS = {"blockquote", "bullet_list", "ordered_list", "list_item", "table"}
_ALIGNED = {"text-align:center": "center", "text-align:right": "right"}
HIGHEST, LOWEST = 3, 6  # the page has h1 and h2 of its own


def shape(state: StateCore) -> None:
    _lower_headings(state.tokens)
    _give_directions(state.tokens)
    for token in state.tokens:
        style = token.attrs.pop("style", None)
        if style in _ALIGNED:
            token.attrSet("class", _ALIGNED[style])


def _lower_headings(tokens: list[Token]) -> None:
    """h1 becomes h3 and so on; a level that the text leaves out is left out of the page too, as screen readers ask."""
    above: list[int] = []  # the author's levels of the headings that this one stands under, and its own
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            above = [*(other for other in above if other < level), level]
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(HIGHEST - 1 + len(above), LOWEST)}"


def _give_directions(tokens: list[Token]) -> None:
    """Browsers look for the direction of a block in its own words only, so that of a list or quote is set here."""
    waiting: list[Token] = []
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if token.type in _OWN_DIRECTION or (kind in _CONTAINERS and end == "open"):
            token.attrSet("dir", "auto")
        if kind in _CONTAINERS:
            waiting = [*waiting, token] if end == "open" else waiting[:-1]
        elif waiting and token.type == "inline" and (direction := _first_strong(token.content)):
            for container in waiting:
                if container.meta.setdefault("direction", direction) == "rtl":
                    container.attrSet("dir", "rtl")


def _first_strong(text: str) -> str:
    for character in text:
        bidirectional = unicodedata.bidirectional(character)
        if bidirectional == "L":
            return "ltr"
        if bidirectional in {"R", "AL"}:
            return "rtl"
    return ""
