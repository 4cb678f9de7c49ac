"""Requests that are sent until they are answered.

A write carries an Idempotency-Key that stays the same however often it is sent, so that it is done once. What is tried
again: connections that break, 429, and servers that are away (502, 503, 504); after a pause that doubles each time, or
as long as Retry-After says.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from margin_client.errors import MarginError, Refused, Unreachable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
LONGEST_WAIT = 120.0  # seconds: who is told to wait longer is told so
AWAY = (429, 502, 503, 504)
API, KEY = "/api/v1/", "Idempotency-Key"
HERE = ("127.0.0.1", "localhost", "::1")


class Transport:
    """One server, one token."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        attempts: int,
        timeout: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        server = httpx.URL(url)
        if server.scheme != "https" and not (server.scheme == "http" and server.host in HERE):
            raise MarginError(f"{url} would send the token in the clear: write https://.")
        self._attempts = attempts
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            headers={
                "Authorization": f"Bearer {token}",
                "User-Agent": "margin-client/0.1",
                "Accept": "application/json",
            },
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        told = {name: value for name, value in (params or {}).items() if value is not None}
        return self._answered("GET", path, params=told).json()

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """A write, done once."""
        return self._answered(method, path, json=body, headers={KEY: str(uuid.uuid4())})

    def send_lines(self, path: str, content: bytes) -> httpx.Response:
        """Lines of JSON, stored once."""
        headers = {KEY: str(uuid.uuid4()), "Content-Type": "application/x-ndjson"}
        return self._answered("POST", path, content=content, headers=headers)

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows of all pages, each page asked for when it is needed."""
        page = self.get(path, params)
        yield from page["results"]
        while page["next"] is not None:
            page = self.get(path, dict(httpx.URL(page["next"]).params))
            yield from page["results"]

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """One try to read a file; whoever reads it tries again where the connection breaks."""
        told = {"Accept-Encoding": "identity", "Accept": "*/*", **headers}
        with self._client.stream("GET", API + path, headers=told) as response:
            if response.status_code >= 400 and response.status_code != 416:
                response.read()
                raise _refused(response)
            yield response

    def pauses(self) -> Iterator[float]:
        """How long to wait before the second try, the third, and so on; by chance, so that no two march in step."""
        for number in range(self._attempts - 1):
            pause = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
            yield pause * random.uniform(0.5, 1.0)

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def _answered(self, method: str, path: str, **told: Any) -> httpx.Response:
        pauses = self.pauses()
        while True:
            try:
                response = self._client.request(method, API + path, **told)
            except httpx.TransportError as error:
                if (pause := next(pauses, None)) is None:
                    said = str(error) or type(error).__name__
                    raise Unreachable(f"Margin did not answer {method} {path}: {said}.") from error
            else:
                if response.is_success:
                    return response
                refusal = _refused(response)
                if not _is_passing(refusal) or (pause := next(pauses, None)) is None:
                    raise refusal
                if (wanted := _retry_after(response)) > LONGEST_WAIT:
                    raise refusal
                pause = max(pause, wanted)
            self.rest(pause)


def _is_passing(refusal: Refused) -> bool:
    """Whether the same request may be answered in a moment."""
    return refusal.status in AWAY or refusal.code == "in_flight"


def _retry_after(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isascii() and told.isdigit() else 0.0


def _refused(response: httpx.Response) -> Refused:
    try:
        told = response.json()
        return Refused(response.status_code, told["code"], told["message"], told["fields"])
    except (ValueError, KeyError, TypeError):  # something before Margin answered
        return Refused(response.status_code, "unreadable", f"The answer is not Margin's: {response.text[:200]!r}.", {})
