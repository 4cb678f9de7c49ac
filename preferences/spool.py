"""The prompts of a batch in temporary files while it is sealed: more than memory is to hold."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from preferences.near_duplicates import BANDS, Keys

AT_ONCE = 10_000
FAMILY = 64  # letters of a family, which is a SHA-256
_ROW = 8 * BANDS

Places = NDArray[np.intp]


class Spool:
    """Texts in the order in which they were added, each with its family and its keys; gone with the block."""

    def __init__(self) -> None:
        self._texts, self._keys = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - closed by the block's end
        self._starts, self._identities = array("q", [0]), bytearray()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._texts.close()
        self._keys.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, families: Sequence[str], texts: Sequence[str], keys: Keys) -> None:
        end = self._starts[-1]
        for family, text in zip(families, texts, strict=True):
            end += self._texts.write(f"{family:{FAMILY}}{text}".encode())
            self._starts.append(end)
            self._identities += hashlib.md5(family.encode(), usedforsecurity=False).digest()
        self._keys.write(keys.tobytes())
        self._texts.flush()
        self._keys.flush()

    def identities(self) -> NDArray[np.uint64]:
        """Two numbers for each text, the same for texts of one family."""
        return np.frombuffer(self._identities, dtype=np.uint64).reshape(-1, 2)

    def text(self, place: int) -> str:
        start = self._starts[place] + FAMILY
        return os.pread(self._texts.fileno(), self._starts[place + 1] - start, start).decode()

    def family(self, place: int) -> str:
        return os.pread(self._texts.fileno(), FAMILY, self._starts[place]).decode().rstrip()

    def keys(self, places: Places) -> Keys:
        """A row for each of the places, which ascend."""
        found = np.empty((len(places), BANDS), dtype=np.int64)
        for some in in_pieces(places, AT_ONCE, within=AT_ONCE):
            first, last = int(places[some.start]), int(places[some.stop - 1])
            read = os.pread(self._keys.fileno(), _ROW * (last + 1 - first), _ROW * first)
            found[some] = np.frombuffer(read, dtype=np.int64).reshape(-1, BANDS)[places[some] - first]
        return found


def in_pieces(places: Places, most: int, *, within: int | None = None) -> Iterator[slice]:
    """Slices of at most so many places; of places that are less than `within` apart."""
    start = 0
    while start < len(places):
        stop = min(len(places), start + most)
        if within is not None:
            stop = min(stop, int(np.searchsorted(places, places[start] + within)))
        yield slice(start, stop)
        start = stop
