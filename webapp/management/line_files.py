"""A file of lines, read in constant memory: what cannot be used is said with its number, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from django.core.management.base import CommandError

from webapp.line_streams import LineStream

LONGEST_LINE = 16 * 1024 * 1024

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
            yield from LineStream(handle, self.parse, self._fail, longest_line=LONGEST_LINE).chunks(size)

    def _fail(self, number: int, reason: str) -> None:
        self.failed += 1
        self.say(f"line {number}: {reason}")
