"""Every operation of the API, as the address table has them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

WRITES = ("POST", "PUT", "PATCH", "DELETE")
SOME: dict[str, Any] = {
    "UUIDConverter": uuid.UUID(int=1),
    "IntConverter": 1,
    "SlugConverter": "a",
    "StringConverter": "a",
}


@dataclass(frozen=True)
class Found:
    method: str
    address: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.view.__name__}"


def operations() -> list[Found]:
    """One of each method and address; the addresses name rows that are not there."""
    found = []
    for pattern in get_resolver("webapp.api.v1.urls").url_patterns:
        assert isinstance(pattern, URLPattern) and pattern.name
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        named = {
            name: SOME.get(type(converter).__name__, "a")
            for name, converter in pattern.pattern.converters.items()  # type: ignore[attr-defined]
        }
        address = reverse(pattern.name, kwargs=named)
        found += [Found(method, address, view) for method in ("GET", *WRITES) if hasattr(view, method.lower())]
    return found
