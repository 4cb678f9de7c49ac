"""An export as one .tar that nobody writes down: each of its bytes follows from the manifest, so any part can be sent.

The same export is the same .tar to the bit: owner, mode and time are fixed, and the manifest comes last, so that what
was cut off in the middle is no export.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from exports.manifest import Listed
from exports.models import Export
from preferences.margins import CUSTOM, MARGINS

Read = Callable[[str, int, int], Iterator[bytes]]  # name, first byte, number of bytes
Piece = bytes | Listed

DIGITS = 8  # of an export's id
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z._-]+")


def folder(export: Export) -> str:
    """The directory that the .tar unpacks to: what the export is, safe on every file system.

    It ends as the export's id begins: no two exports unpack into each other, whose shards would be loaded together.
    """
    margin = export.margin if export.margin in MARGINS else CUSTOM
    mix = [f"{export.mix}-mix"] if export.mix else []
    parts = [str(export.batch), export.format, margin, *mix, export.pk.hex[:DIGITS]]
    return "-".join(_NOT_IN_NAMES.sub("-", part).strip("-.") for part in parts)


def pieces(export: Export, files: Sequence[Listed]) -> list[Piece]:
    """The .tar from its first byte to its last: headers and padding as they are, files by name."""
    made: list[Piece] = []
    for file in files:
        made += [_header(f"{folder(export)}/{file.name}", file.bytes, int(export.batch.sealed_at.timestamp())), file]
        made.append(bytes(-file.bytes % tarfile.BLOCKSIZE))
    return [*made, bytes(2 * tarfile.BLOCKSIZE)]


def size(made: Sequence[Piece]) -> int:
    return sum(_length(piece) for piece in made)


def part(made: Sequence[Piece], read: Read, start: int, length: int) -> Iterator[bytes]:
    """`length` bytes of the .tar from its byte `start` on."""
    ends = [0]
    for piece in made:
        ends.append(ends[-1] + _length(piece))
    for piece, (begin, end) in zip(made, pairwise(ends), strict=True):
        first, last = max(start, begin), min(start + length, end)
        if first >= last:
            continue
        if isinstance(piece, bytes):
            yield piece[first - begin : last - begin]
        else:
            yield from read(piece.name, first - begin, last - first)


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.bytes


def _header(name: str, length: int, moment: int) -> bytes:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = length, moment, 0o644
    return about.tobuf(tarfile.GNU_FORMAT)  # which has room for files of any size
