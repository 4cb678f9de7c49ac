"""The last step: only these tags, attributes and values pass, whatever the steps before have let through."""

from __future__ import annotations

import re

import nh3

from webapp.rendering import code, formula

_DIRECTED = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "th", "td"}
TAGS = _DIRECTED | {"div", "span", "pre", "code", "strong", "em", "s", "a", "br", "hr", "thead", "tbody", "tr"}

CLASSES: dict[str, set[str]] = {
    "span": {*code.CLASSES, "ctl", "math", "long-math"},
    "div": {"plain", "table", "math"},
    "code": {"math-source"},
    "th": {"center", "right"},
    "td": {"center", "right"},
}
# Attributes with a few values, and attributes whose value a pattern must match.
VALUES: dict[str, dict[str, set[str]]] = {
    **{tag: {"dir": {"auto", "rtl"}} for tag in _DIRECTED},
    "div": {"dir": {"auto"}, "tabindex": {"0"}},
    "span": {"tabindex": {"0"}},
    "pre": {"dir": {"ltr"}, "tabindex": {"0"}},
}
PATTERNS: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {"href": re.compile(r"(?:https?|mailto):[^\s\x00-\x1f]*", re.IGNORECASE)},
    "ol": {"start": re.compile(r"\d{1,9}")},
    "span": {"title": re.compile(r"[A-Z0-9 -]+")},
    "pre": {"data-language": code.LANGUAGE},
    **{tag: formula.ATTRIBUTES for tag in formula.TAGS},
}


def _value(tag: str, attribute: str, value: str) -> str | None:
    pattern = PATTERNS.get(tag, {}).get(attribute)
    return value if pattern is None or pattern.fullmatch(value) else None


_cleaner = nh3.Cleaner(
    tags=TAGS | formula.TAGS,
    clean_content_tags=set(),
    attributes={tag: set(attributes) for tag, attributes in PATTERNS.items()},
    tag_attribute_values=VALUES,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    allowed_classes=CLASSES,
    attribute_filter=_value,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def clean(html: str) -> str:
    return _cleaner.clean(html)
