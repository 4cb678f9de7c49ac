"""What is pushed as JSON lines: sent in parts as it comes, so that it may be as much as one likes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from margin_client.results import Pushed, made
from margin_client.transport import Transport

MOST_LINES, MOST_BYTES = 2_000, 4 * 1024 * 1024  # of a part, which takes the server a second or two
MOST_REASONS = 1_000


def push(transport: Transport, path: str, rows: Iterable[Mapping[str, Any]]) -> Pushed:
    """What became of all rows; the lines that failed are counted through all parts."""
    total = Pushed(stored=0, skipped=0, failed=0, lines=())
    sent = 0
    for part in _parts(rows):
        told = made(Pushed, transport.send_lines(path, b"".join(part)).json())
        lines = (*total.lines, *(replace(one, line=one.line + sent) for one in told.lines))
        total = Pushed(
            stored=total.stored + told.stored,
            skipped=total.skipped + told.skipped,
            failed=total.failed + told.failed,
            lines=lines[:MOST_REASONS],
        )
        sent += len(part)
    return total


def _parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for row in rows:
        line = json.dumps(row, allow_nan=False).encode() + b"\n"
        part.append(line)
        size += len(line)
        if len(part) >= MOST_LINES or size >= MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
