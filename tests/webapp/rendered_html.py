"""Reads rendered HTML as a browser would meet it: every element with its attributes, and the words."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from webapp.rendering import render
from webapp.rendering.clean import TAGS
from webapp.rendering.formula import TAGS as MATHEMATICS

ATTRIBUTES = {
    *("dir", "tabindex", "class", "title", "href", "target", "rel", "start", "data-language"),
    *("display", "displaystyle", "scriptlevel", "stretchy", "fence", "movablelimits", "accent", "largeop", "separator"),
    *("symmetric", "width", "height", "depth", "lspace", "rspace", "voffset", "minsize", "maxsize", "linethickness"),
    *("form", "columnalign", "notation", "mathvariant"),
}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.comments.append(decl)

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def classes(self) -> set[str]:
        return {name for _, attributes in self.elements for name in attributes.get("class", "").split()}


def page(text: str) -> Page:
    return Page(render(text))


def faults(html: str) -> Iterator[str]:
    """Whatever must not be in rendered HTML."""
    read = Page(html)
    yield from (f"a comment: {comment}" for comment in read.comments)
    for tag, attributes in read.elements:
        if tag not in TAGS | MATHEMATICS:
            yield f"<{tag}>"
        for name, value in attributes.items():
            if name not in ATTRIBUTES or name.startswith("on") or name in {"style", "src", "id"}:
                yield f"<{tag} {name}={value!r}>"
            if name == "href" and (tag != "a" or not value.lower().startswith(("http:", "https:", "mailto:"))):
                yield f"<{tag} href={value!r}>"
