"""The elements of one JSON array, split without holding the array: memory has one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

AT_ONCE = 1024 * 1024  # bytes

# What says where an element ends; a backslash takes the next byte with it, from the next part of the file too.
_MARKS = re.compile(rb'\\.|["\\\[\]{},]', re.DOTALL)


class SplitError(Exception):
    """Why a file cannot be split into entries further; those before are good to be read."""


def elements(file: IO[bytes], longest: int) -> Iterator[bytes]:
    """Bytes between the commas of the array, from its opening bracket on; whether they are JSON is not asked."""
    kept, depth, quoted, escaped, first = bytearray(), 0, False, False, True
    while part := file.read(AT_ONCE):
        begin, look_from, escaped = 0, int(escaped), False
        for mark in _MARKS.finditer(part, look_from):
            match mark[0]:
                case b'"':
                    quoted = not quoted
                case b"\\":
                    escaped = True
                case _ if quoted:
                    pass
                case b"[" | b"{":
                    depth += 1
                    begin = mark.end() if depth == 1 else begin
                case b"]" | b"}":
                    depth -= 1
                    if depth == 0:
                        last = bytes(kept + part[begin : mark.start()])
                        if last.strip() or not first:
                            yield last
                        _check_end(part[mark.end() :], file)
                        return
                case b"," if depth == 1:
                    yield bytes(kept + part[begin : mark.start()])
                    kept, begin, first = bytearray(), mark.end(), False
                case _:
                    pass
        kept += part[begin:]
        if len(kept) > longest:
            raise SplitError(f"longer than {longest:,} bytes; nothing after it was read")
    raise SplitError("the array does not end")


def _check_end(rest: bytes, file: IO[bytes]) -> None:
    while not rest.strip():
        if not (rest := file.read(AT_ONCE)):
            return
    raise SplitError("something stands behind the array")
