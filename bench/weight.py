"""What a browser loads for the compare page, and how much of it, compressed."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

import httpx

from bench.visitors import session_of
from webapp.accounts.models import User

_LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Part:
    name: str
    plain: int
    compressed: int  # by gzip
    sent: int  # as the web process sent it to a browser that takes gzip


def weigh(address: str, person: User, slug: str) -> list[Part]:
    with httpx.Client(base_url=address, cookies={"sessionid": session_of(person)}, follow_redirects=True) as client:
        client.headers["Accept-Encoding"] = "gzip"
        page, text = _part(client, "the page itself", f"/campaigns/{slug}/next/")
        paths = dict.fromkeys(_LOADED.findall(text.decode()))
        return [page, *(_part(client, path.removeprefix("/static/"), path)[0] for path in paths)]


def _part(client: httpx.Client, name: str, path: str) -> tuple[Part, bytes]:
    with client.stream("GET", path) as response:
        response.raise_for_status()
        body = b"".join(response.iter_raw())
    is_compressed = response.headers.get("Content-Encoding") == "gzip"
    plain = gzip.decompress(body) if is_compressed else body
    compressed = body if is_compressed else gzip.compress(body, 6)
    return Part(name, len(plain), len(compressed), len(body)), plain
