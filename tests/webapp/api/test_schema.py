"""What the API says of itself: each operation has an example of what it takes and of what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client
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


def test_the_schema_is_public_and_sent_again_only_when_it_changed() -> None:
    client = Client()
    sent = client.get("/api/v1/schema/?format=json")
    assert sent.json()["openapi"].startswith("3.1") and sent.json()["paths"]
    assert client.get("/api/v1/schema/", headers={"If-None-Match": sent["ETag"]}).status_code == 200, "YAML is another"
    again = client.get("/api/v1/schema/?format=json", headers={"If-None-Match": sent["ETag"]})
    assert again.status_code == 304 and not again.content


def test_the_schema_is_shown_by_our_own_server_alone() -> None:
    page = Client().get("/api/v1/docs/")
    html = page.content.decode()
    assert 'data-schema="/api/v1/schema/?format=json"' in html
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert addresses and all(address.startswith("/") for address in addresses)
    files = [address.removeprefix("/static/") for address in addresses if address.startswith("/static/")]
    assert len(files) == 7 and all(finders.find(file) for file in files)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", html)
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy and "http" not in policy
