"""What of a page's words is still English on a page in another language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# What a browser or a screen reader says of an element, beside its text.
SPOKEN = {"title", "alt", "aria-label", "aria-description", "aria-valuetext", "placeholder", "label", "summary"}
# Code and keys are the same in every language.
UNREAD = {"script", "style", "code", "pre", "kbd"}
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "source", "area", "base", "col", "embed", "track"}
# Names, keys, language tags, and the words of formats and margins, which exports hold as they stand.
NAMES = {"Margin", "Enter", "UTC", "SHA", "ISO", "Gwet", "AC", "trl", "small", "large", "none", "en", "US", "zh", "CN"}
NAMES |= {"Celery", "Face", "Hugging", "Jinja", "Llama", "RLHF", "safetensors"}
NAMES |= {"Bradley", "CSV", "Holm", "Student", "Tango", "Terry", "Wilson", "GPU", "GiB"}
NAMES |= {"KB", "MB", "README", "md", "JSON"}
NAMES |= {"Self", "BLEU", "Top"}  # Self-BLEU, top-p
NAMES |= {"Webhook", "HTTP", "TLS", "https", "Gone", "SECRET", "KEY"}  # of HTTP the status 410; of settings SECRET_KEY

_WORD = re.compile(r"[A-Za-z]{2,}")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            unread = tag in UNREAD or (tag != "html" and given.get("lang") == "en")
            self._open.append((tag, unread or self._is_unread()))
        self.said += [value for name, value in given.items() if name in SPOKEN]
        # Scripts show what stands there: one word is for them, a sentence for people.
        self.said += [value for name, value in given.items() if name.startswith("data-") and " " in value]
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            self.said.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_unread():
            self.said.append(data)

    def _is_unread(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def english_left(html: str, *, names: set[str]) -> list[str]:
    """Each text that holds an English word; `names` are people's, which are no words."""
    page = _Page()
    page.feed(html)
    page.close()
    found = []
    for said in page.said:
        text = said
        if _english(text):  # of most there is nothing to take names out of
            for name in names:
                text = text.replace(name, "")
        if _english(text):
            found.append(" ".join(said.split()))
    return found


def _english(text: str) -> set[str]:
    return set(_WORD.findall(text)) - NAMES
