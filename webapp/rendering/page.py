"""From a text to HTML that may stand on a page: parsed, hidden characters shown, cleaned."""

from __future__ import annotations

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

from webapp.rendering import hidden
from webapp.rendering.clean import clean
from webapp.rendering.document import parser

# Part of every cache key: to be raised whenever the same text gives other HTML.
VERSION = 1

# Beyond these a text is shown as it is. Parsing takes some ten seconds for a million characters, longer for
# thousands of brackets, short lines or columns; a text for people stays far below each of them.
LONGEST_MARKDOWN = 200_000
MOST_LINES = 10_000
MOST_BRACKETS = 10_000
MOST_CELLS = 50_000

_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


def render(text: str) -> SafeString:
    """The text as HTML of a fixed set of tags; the same text gives the same HTML everywhere."""
    text = _UNWRITABLE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    html = _plain(text) if _too_much(text) else parser().render(text)
    return mark_safe(clean(hidden.shown(html)))  # cleaned on this line # nosec B308


def _too_much(text: str) -> bool:
    if len(text) > LONGEST_MARKDOWN or text.count("[") > MOST_BRACKETS:
        return True
    lines = text.split("\n")
    columns = max(line.count("|") for line in lines)
    return len(lines) > MOST_LINES or len(lines) * columns > MOST_CELLS


def _plain(text: str) -> str:
    return f'<div class="plain" dir="auto">{escape(text)}</div>'
