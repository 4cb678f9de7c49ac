"""One HTTP server that answers for a model: where it is, its key, and calls that end, whatever the server does.

A call is tried again after a broken connection, a 429 or a 5xx, with growing pauses that differ by chance, until its
deadline. What comes back is bounded, redirects are not followed, and a key goes only to the server it belongs to.
"""

from __future__ import annotations

import os
import random
import ssl
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from workers.engines.base import EngineError, PromptTooLong
from workers.engines.http_guard import Guarded
from workers.engines.http_places import KEYS

CONNECT_SECONDS = 5.0
DEADLINE_SECONDS = 240.0  # for one answer, with all its tries and pauses; a server that trickles may take it twice
MOST_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds
MOST_BYTES = 4_000_000  # of one body; an answer streamed token by token takes some 250 bytes for each
CONCURRENT = 32


@dataclass(frozen=True)
class Answer:
    """What a server sent in the end, whatever it means."""

    status: int
    kind: str  # media type
    body: bytes
    headers: httpx.Headers = field(repr=False)


class _Again(Exception):
    """A try that failed in a way that may pass: its sentence, and the pause that the server asked for, in seconds."""

    def __init__(self, sentence: str, pause: float | None = None) -> None:
        super().__init__(sentence)
        self.pause = pause


def key_for(base: str) -> str:
    """The key that belongs to this server, "" where it has none: a key never goes to another host or port."""
    parts = urlsplit(base)
    for entry in os.environ.get(KEYS, "").split():
        origin, _, key = entry.partition("=")
        if origin.rstrip("/") == f"{parts.scheme}://{parts.netloc}":
            return key
    return ""


class Endpoint:
    def __init__(self, base: str) -> None:
        self.base = base
        key = key_for(base)
        self._client = httpx.Client(
            headers={"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})},
            transport=Guarded(_sockets()),
            follow_redirects=False,
            trust_env=False,  # no proxy and no .netrc: a request goes where the location says
        )

    def get(self, url: str) -> Answer:
        """Whatever the server has there, or its refusal; EngineError where no server answers or the key is wrong."""
        return self._call("GET", url, None, refusals=(400, 404, 405, 422, 500, 501))

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """The answer with status 200; EngineError with a sentence for anything else."""
        return self._call("POST", f"{self.base}{path}", body)

    def _call(self, method: str, url: str, body: dict[str, Any] | None, refusals: tuple[int, ...] = ()) -> Answer:
        deadline = time.monotonic() + DEADLINE_SECONDS
        for number in range(1, MOST_TRIES + 1):
            try:
                answer = self._try(method, url, body, deadline)
                return answer if answer.status in refusals else self._checked(answer)
            except _Again as failure:
                pause = failure.pause if failure.pause is not None else _pause(number)
                if number == MOST_TRIES or time.monotonic() + pause > deadline:
                    tries = "once" if number == 1 else f"{number} times"
                    raise EngineError(f"{failure} It was tried {tries}.") from failure
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _try(self, method: str, url: str, body: dict[str, Any] | None, deadline: float) -> Answer:
        left = max(deadline - time.monotonic(), 0.1)
        timeout = httpx.Timeout(left, connect=min(CONNECT_SECONDS, left))
        try:
            with self._client.stream(method, url, json=body, timeout=timeout) as response:
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                return Answer(response.status_code, kind, self._bounded(response, deadline), response.headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if isinstance(error.__cause__, ssl.SSLError) or "SSL" in str(error) or "CERTIFICATE" in str(error):
                raise EngineError(f"{self.base} offers no connection that can be trusted: {error}.") from error
            raise _Again(f"No server answers at {self.base}.") from error
        except httpx.TimeoutException as error:
            raise self._hangs() from error
        except httpx.TransportError as error:
            raise _Again(f"The connection to {self.base} broke off in the middle of an answer.") from error

    def _bounded(self, response: httpx.Response, deadline: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise EngineError(f"{self.base} sent a compressed answer that nobody asked for.")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                raise EngineError(f"{self.base} sent more than {MOST_BYTES:,} bytes for one answer; the rest was left.")
            if time.monotonic() > deadline:
                raise self._hangs()
        return bytes(body)

    def _hangs(self) -> EngineError:
        return EngineError(f"{self.base} gave no answer within {DEADLINE_SECONDS:.0f} seconds.")

    def _checked(self, answer: Answer) -> Answer:
        status = answer.status
        if status == 200:
            return answer
        if status == 429:
            raise _Again(f"{self.base} has too many requests.", _seconds(answer.headers.get("retry-after", "")))
        if status in (500, 502, 503, 504):
            pause = _seconds(answer.headers.get("retry-after", ""))
            raise _Again(f"{self.base} failed with status {status}{_quoted(answer)}.", pause)
        if 300 <= status < 400:
            raise EngineError(f"{self.base} points to another address; give that one, if it is to be trusted.")
        if status in (401, 403):
            raise EngineError(f"{self.base} refuses the key; set the right one in {KEYS} of the worker's environment.")
        said = _quoted(answer)
        if status in (400, 413, 422) and any(words in said.lower() for words in ("context length", "too long")):
            raise PromptTooLong(f"The dialogue is too long for the model{said}.")
        raise EngineError(f"{self.base} refuses the request with status {status}{said}.")


def _sockets() -> httpx.HTTPTransport:
    """A connection for each call: beside seconds of sampling it costs nothing, and none is found to be dead."""
    limits = httpx.Limits(max_connections=CONCURRENT, max_keepalive_connections=0)
    return httpx.HTTPTransport(limits=limits, trust_env=False)


def _pause(number: int) -> float:
    return float(min(FIRST_PAUSE * 2 ** (number - 1), LONGEST_PAUSE) * random.uniform(0.5, 1.5))


def _seconds(header: str) -> float | None:
    """A Retry-After in seconds; its other form, a date, is left to our own pauses."""
    return float(header) if header.isascii() and header.isdigit() else None


def _quoted(answer: Answer) -> str:
    """The server's own words, cut short, in brackets; nothing of a web page."""
    text = " ".join(answer.body[:2000].decode("utf-8", errors="replace").replace("\x00", "").split())[:200]
    return f" ({text})" if text and answer.kind != "text/html" else ""
