"""The entries of a file: JSON lines or an array, plain or gzipped, or Parquet; whatever is broken in it is bounded."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from exports.sources.arrays import SplitError, elements
from preferences.text import printable

LONGEST = 16 * 1024 * 1024  # bytes of an entry, unpacked: an import takes none longer, and a gzip bomb has no end
LONGEST_REASON = 200
PARQUET = "exports.sources.parquet"  # loaded on use, as an engine is: what serves people needs no Arrow

_MARK = b"\xef\xbb\xbf"  # some editors write one at the beginning
_UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class Broken:
    """An entry that cannot be read: its number from 1, and why, in one short line whatever the entry held."""

    number: int
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", printable(self.reason, LONGEST_REASON))


Entry = tuple[int, dict[str, Any] | Broken]


def entries(path: Path, file: BinaryIO | None = None) -> Iterator[Entry]:
    """Streams the entries with their numbers. What ends a file early is told as the entry at which it ended.

    From its beginning, and not from `path`, is read a `file` that is open already; it stays open.
    """
    with ExitStack() as held:
        try:
            content = _opened(path, file, held)
        except OSError as error:
            yield 1, Broken(1, f"the file cannot be opened ({error.strerror})")
            return
        if path.suffix == ".parquet":
            yield from _parquet(content)
        else:
            yield from _numbered(content, is_array=_is_array(content, path))


def _opened(path: Path, file: BinaryIO | None, held: ExitStack) -> BinaryIO:
    if file is None:
        file = held.enter_context(path.open("rb"))
    file.seek(0)
    return cast(BinaryIO, held.enter_context(gzip.open(file))) if path.suffix == ".gz" else file


def _parquet(file: BinaryIO) -> Iterator[Entry]:
    number, parquet = 0, import_module(PARQUET)
    try:
        for row in parquet.rows(file):
            number += 1
            yield number, row
    except parquet.Unreadable as error:
        yield number + 1, Broken(number + 1, f"the file cannot be read further ({error})")


def _is_array(file: BinaryIO, path: Path) -> bool:
    """Whether the file is one array and not a line for each entry; it is at its beginning again, behind a mark.

    A first line that is whole is an entry, unless it is a list in a file that is not called JSON lines.
    """
    begin = 0
    try:
        begin = len(_MARK) if file.read(len(_MARK)) == _MARK else 0
        file.seek(begin)
        while (line := file.readline(LONGEST)) and not line.strip():
            pass
        first = line.strip()
        return first.startswith(b"[") and (".jsonl" not in path.suffixes or not _is_whole(first))
    except _UNREADABLE:
        return False
    finally:
        with suppress(*_UNREADABLE):
            file.seek(begin)


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _numbered(file: BinaryIO, *, is_array: bool) -> Iterator[Entry]:
    number = 0
    try:
        for content in elements(file, LONGEST) if is_array else _lines(file):
            number += 1
            if is_array or content.strip():
                yield number, _parsed(content, number)
    except SplitError as error:
        yield number + 1, Broken(number + 1, str(error))
    except _UNREADABLE as error:
        yield number + 1, Broken(number + 1, f"the file cannot be read further ({error})")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST + 1):
        if len(line) > LONGEST:
            raise SplitError(f"longer than {LONGEST:,} bytes; nothing after it was read")
        yield line


def _parsed(content: bytes, number: int) -> dict[str, Any] | Broken:
    try:
        entry = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return Broken(number, f"not JSON ({error})")
    # WebGPT was published as a list of two answers a line.
    if isinstance(entry, list):
        return {"pair": entry}
    return entry if isinstance(entry, dict) else Broken(number, "not a JSON object")
