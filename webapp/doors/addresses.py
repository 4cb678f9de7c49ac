"""Every address that the site answers, with its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PARAMETER = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """`route` is for people: /batches/<pk>/. `view` is what answers."""

    name: str
    route: str
    parameters: frozenset[str]
    view: Any

    @property
    def scopes(self) -> dict[str, str]:
        """Of an operation of the API: by method, the scope that its token needs."""
        return dict(getattr(getattr(self.view, "cls", None), "scopes", {}))


def addresses() -> list[Address]:
    return list(_below(get_resolver(), ""))


def _below(resolver: URLResolver, before: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        written = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern, written)
        else:
            yield _address(pattern, written)


def _address(pattern: URLPattern, written: str) -> Address:
    named = [first or second for first, second in _PARAMETER.findall(written)]
    route = _PARAMETER.sub(lambda found: f"<{found[1] or found[2]}>", written).replace("^", "").replace("$", "")
    return Address(pattern.name or f"/{route}", f"/{route}", frozenset(named), pattern.callback)
