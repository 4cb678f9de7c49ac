"""Where groups of rows go: Parquet in shards, or JSON lines. One group is written while the next one is made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports.formats.columns import table

# A shard is what is downloaded, or read by one worker, at once. It ends with the row group that reaches either.
SHARD_ROWS = 100_000
SHARD_BYTES = 500_000_000  # in memory; with zstd a fifth of it or less on disk

Made = dict[str, Any]


class Sink(Protocol):
    def add(self, group: Any) -> None:
        """Takes what the kind converted some rows into."""

    def close(self) -> dict[str, int]:
        """Ends the files; their rows by name. Without a row there is none: `datasets` refuses to load an empty file."""

    def abandon(self) -> None:
        """Lets go of the files after a fault."""


class Kind(Protocol):
    """How rows become a group, in whatever process, and where groups go, in this one."""

    def convert(self, rows: list[Made]) -> Any: ...

    def sink(self, stem: Path) -> Sink: ...


@dataclass(frozen=True)
class Parquet:
    """Files of a schema: each group is a row group."""

    schema: pa.Schema

    def convert(self, rows: list[Made]) -> pa.Table:
        return table(rows, self.schema)

    def sink(self, stem: Path) -> Shards:
        return Shards(stem, self.schema)


class JsonLines:
    """One file of JSON lines: a group is their number and their bytes."""

    def convert(self, rows: list[Made]) -> tuple[int, bytes]:
        return len(rows), b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)

    def sink(self, stem: Path) -> Lines:
        return Lines(stem.with_suffix(".jsonl"))


class OneBehind:
    """Does in a thread what it was given last, while the caller makes the next; faults are raised with the next."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[Any] | None = None

    def do(self, write: Callable[[Any], Any], what: Any) -> None:
        self.wait()
        self._last = self._thread.submit(write, what)

    def wait(self) -> None:
        if self._last:
            last, self._last = self._last, None
            last.result()

    def end(self) -> None:
        self._thread.shutdown()


class Lines:
    """Groups of lines, each with its number, into one file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        self._path, self._rows = path, 0
        self._file = path.open("wb", buffering=0)
        self._behind = OneBehind()

    def add(self, group: tuple[int, bytes]) -> None:
        count, lines = group
        self._behind.do(self._write, lines)
        self._rows += count

    def _write(self, lines: bytes) -> None:
        rest = memoryview(lines)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]

    def close(self) -> dict[str, int]:
        self._behind.wait()
        self.abandon()
        if not self._rows:
            self._path.unlink()
            return {}
        return {self._path.name: self._rows}

    def abandon(self) -> None:
        self._behind.end()
        self._file.close()


class Shards:
    """Tables as row groups of STEM-00000-of-00002.parquet and so on.

    How many files there are is known at the end, and they are named then. The same tables give the same files.
    """

    def __init__(self, stem: Path, schema: pa.Schema) -> None:
        stem.parent.mkdir(exist_ok=True)
        self._stem, self._schema = stem, schema
        self._whole: list[int] = []  # rows of the shards before
        self._rows = self._bytes = 0
        self._writer: pq.ParquetWriter | None = None
        self._behind = OneBehind()

    def add(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._part(len(self._whole)), self._schema, compression="zstd")
        self._behind.do(self._writer.write_table, table)
        self._rows, self._bytes = self._rows + table.num_rows, self._bytes + table.nbytes
        if self._rows >= SHARD_ROWS or self._bytes >= SHARD_BYTES:
            self._end_shard()

    def _end_shard(self) -> None:
        self._behind.wait()
        if self._writer is not None:
            self._writer.close()
            self._whole.append(self._rows)
            self._writer, self._rows, self._bytes = None, 0, 0

    def _part(self, number: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{number:05}.part")

    def close(self) -> dict[str, int]:
        self._end_shard()
        self.abandon()
        of = len(self._whole)
        named = {f"{self._stem.name}-{number:05}-of-{of:05}.parquet": rows for number, rows in enumerate(self._whole)}
        for number, name in enumerate(named):
            self._part(number).rename(self._stem.with_name(name))
        return named

    def abandon(self) -> None:
        self._behind.end()
        if self._writer is not None:
            self._writer.close()
