"""The entries of a file: JSON lines or an array, plain or gzipped, or Parquet; whatever is broken in it is bounded."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

LONGEST_LINE = 64 * 1024 * 1024  # bytes, unpacked: no comparison is as long, and a gzip bomb has no end
LONGEST_ARRAY = 1024 * 1024 * 1024
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Broken:
    """An entry that cannot be read: its number from 1, and why."""

    number: int
    reason: str


Entry = tuple[int, dict[str, Any] | Broken]


def entries(path: Path) -> Iterator[Entry]:
    """Streams the entries with their numbers. What ends a file early is told as the entry at which it ended."""
    if path.suffix == ".parquet":
        yield from _parquet(path)
        return
    with _opened(path) as file:
        yield from _array(file) if _is_array(file, path) else _lines(file)


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _parquet(path: Path) -> Iterator[Entry]:
    number = 0
    try:
        for part in pq.ParquetFile(path).iter_batches(ROWS_AT_ONCE):
            for row in part.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        yield number + 1, Broken(number + 1, f"the file cannot be read further ({error})")


def _is_array(file: IO[bytes], path: Path) -> bool:
    """Whether the file is one array and not a line for each entry; it is at its beginning again.

    A first line that is whole is an entry, unless it is a list in a file that is not called JSON lines.
    """
    try:
        first = file.readline(LONGEST_LINE).strip()
        return first.startswith(b"[") and (".jsonl" not in path.suffixes or not _is_whole(first))
    except (OSError, EOFError, zlib.error):
        return False
    finally:
        file.seek(0)


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _array(file: IO[bytes]) -> Iterator[Entry]:
    content = file.read(LONGEST_ARRAY + 1)
    if len(content) > LONGEST_ARRAY:
        yield 1, Broken(1, f"one JSON array of more than {LONGEST_ARRAY:,} bytes; write it as JSON lines")
        return
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        yield 1, Broken(1, f"not JSON ({error})")
        return
    yield from ((number, _checked(entry, number)) for number, entry in enumerate(parsed, start=1))


def _lines(file: IO[bytes]) -> Iterator[Entry]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(LONGEST_LINE + 1)
        except (OSError, EOFError, zlib.error) as error:
            yield number, Broken(number, f"the file cannot be read further ({error})")
            return
        if not line:
            return
        if len(line) > LONGEST_LINE:
            yield number, Broken(number, f"longer than {LONGEST_LINE:,} bytes; nothing after it was read")
            return
        if line.strip():
            yield number, _parsed(line, number)


def _parsed(line: bytes, number: int) -> dict[str, Any] | Broken:
    try:
        return _checked(orjson.loads(line), number)
    except orjson.JSONDecodeError as error:
        return Broken(number, f"not JSON ({error})")


def _checked(entry: Any, number: int) -> dict[str, Any] | Broken:
    # WebGPT was published as a list of two answers a line.
    if isinstance(entry, list):
        return {"pair": entry}
    return entry if isinstance(entry, dict) else Broken(number, "not a JSON object")
