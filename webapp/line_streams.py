"""Lines as they come, in constant memory: what cannot be used is said with its number, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from django.utils.translation import gettext as _

from preferences.errors import DomainError
from preferences.text import printable

LONGEST_REASON = 300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # some editors write one at the beginning
AT_ONCE = 64 * 1024 * 1024  # bytes: a chunk is over when its lines have so many

T = TypeVar("T")


class Lines(Protocol):
    def readline(self, limit: int, /) -> bytes: ...


class LineStream(Generic[T]):
    """`parse` makes of a line what it is, or raises DomainError with the reason, which `say` gets with the number."""

    def __init__(
        self, stream: Lines, parse: Callable[[bytes], T], say: Callable[[int, str], object], *, longest_line: int
    ) -> None:
        self.stream, self.parse, self.say, self.longest_line = stream, parse, say, longest_line

    def chunks(self, size: int, *, of_bytes: int = AT_ONCE) -> Iterator[list[T]]:
        """So many items at once, fewer where their lines are long."""
        chunk: list[T] = []
        weight = 0
        for item, length in self._items():
            chunk.append(item)
            weight += length
            if len(chunk) == size or weight >= of_bytes:
                yield chunk
                chunk, weight = [], 0
        if chunk:
            yield chunk

    def _items(self) -> Iterator[tuple[T, int]]:
        for number, line in enumerate(self._bounded(), start=1):
            if number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if not line.strip():
                continue
            try:
                item = self._parsed(line)
            except DomainError as error:
                self.say(number, printable(str(error), LONGEST_REASON))
            else:
                yield item, len(line)

    def _parsed(self, line: bytes) -> T:
        if len(line) >= self.longest_line:
            raise DomainError(_("longer than %(most)s bytes") % {"most": f"{self.longest_line:,}"})
        try:
            return self.parse(line)
        except RecursionError:
            raise DomainError(_("lists or objects stand too deep in each other")) from None

    def _bounded(self) -> Iterator[bytes]:
        """Lines, each cut off where it is too long, so that a file without line ends cannot fill the memory."""
        while line := self.stream.readline(self.longest_line):
            rest = line
            while len(rest) == self.longest_line and not rest.endswith(b"\n"):
                rest = self.stream.readline(self.longest_line)
            yield line
