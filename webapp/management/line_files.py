"""A file of lines, read in constant memory: what cannot be used is said with its number, and the rest goes on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from django.core.management.base import CommandError

from preferences.errors import DomainError
from preferences.text import printable

LONGEST_LINE = 16 * 1024 * 1024
LONGEST_REASON = 300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # some editors write one at the beginning

T = TypeVar("T")


class LineFile(Generic[T]):
    """`parse` makes of a line what it is, or raises DomainError with the reason, which `say` gets."""

    def __init__(self, path: Path, parse: Callable[[bytes], T], say: Callable[[str], object]) -> None:
        self.path, self.parse, self.say = path, parse, say
        self.failed = 0

    def chunks(self, size: int) -> Iterator[list[T]]:
        try:
            handle = self.path.open("rb")
        except OSError as error:
            raise CommandError(f"{self.path} cannot be opened: {error.strerror}. Nothing was stored.") from None
        with handle:
            items = self._items(handle)
            while chunk := list(itertools.islice(items, size)):
                yield chunk

    def _items(self, handle: BinaryIO) -> Iterator[T]:
        for number, line in enumerate(_bounded(handle), start=1):
            if number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if not line.strip():
                continue
            try:
                item = self._parsed(line)
            except DomainError as error:
                self.failed += 1
                self.say(f"line {number}: {printable(str(error), LONGEST_REASON)}")
            else:
                yield item

    def _parsed(self, line: bytes) -> T:
        if len(line) >= LONGEST_LINE:
            raise DomainError(f"longer than {LONGEST_LINE:,} bytes")
        try:
            return self.parse(line)
        except RecursionError:
            raise DomainError("lists or objects stand too deep in each other") from None


def _bounded(handle: BinaryIO) -> Iterator[bytes]:
    """Lines, each cut off at LONGEST_LINE, so that a file without line ends cannot fill the memory."""
    while line := handle.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = handle.readline(LONGEST_LINE)
        yield line
