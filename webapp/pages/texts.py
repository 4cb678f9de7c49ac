"""Texts of strangers as pages show them: rendered, with the raw text beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from preferences.models import Message
from webapp.rendering import rendered


@dataclass(frozen=True)
class Text:
    raw: str
    html: SafeString
    role: str = ""


def shown(texts: Iterable[str]) -> dict[str, Text]:
    """Each text once through the cache of rendered texts."""
    return {raw: Text(raw, html) for raw, html in rendered(texts).items()}


def conversation(messages: list[Message], known: Mapping[str, Text]) -> list[Text]:
    return [Text(message["content"], known[message["content"]].html, message["role"]) for message in messages]
