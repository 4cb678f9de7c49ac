"""What the API says of itself: each operation has an example of what it takes and of what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator


@cache
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def operations() -> Iterator[dict[str, Any]]:
    for path in schema()["paths"].values():
        yield from path.values()


def test_each_operation_shows_what_it_takes() -> None:
    bare = [
        one["operationId"]
        for one in operations()
        for content in one.get("requestBody", {}).get("content", {}).values()
        if "examples" not in content
    ]
    assert bare == []


def test_each_operation_shows_what_it_answers() -> None:
    bare = [
        one["operationId"]
        for one in operations()
        for status, answer in one["responses"].items()
        if status in ("200", "201", "202")
        for kind, content in answer.get("content", {}).items()
        if kind == "application/json" and "examples" not in content
    ]
    assert bare == []


def test_each_operation_says_what_it_does() -> None:
    assert [one["operationId"] for one in operations() if not one.get("description")] == []
