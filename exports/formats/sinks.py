"""Where groups of rows go: Parquet in shards, or JSON lines. One group is written while the next one is made."""

from __future__ import annotations

import hashlib
import io
import pickle  # nosec B403 - nothing is unpickled here
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports.formats.columns import table

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# A shard is what is downloaded, or read by one worker, at once. It ends with the row group that reaches either.
SHARD_ROWS = 100_000
SHARD_BYTES = 500_000_000  # in memory; with zstd a fifth of it or less on disk

Made = dict[str, Any]


class Sink(Protocol):
    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of the files by name, once they are closed, as far as they were hashed while they were written."""

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

    def convert(self, rows: list[Made]) -> tuple[int, pickle.PickleBuffer]:
        lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        return len(rows), pickle.PickleBuffer(lines)  # another process hands that over as it is

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


class Hashed(io.RawIOBase):
    """A new file that is hashed while it is written: a manifest need not read all of it again."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: ReadableBuffer) -> int:
        """All of it, or OSError."""
        rest = memoryview(data)
        self._sha256.update(rest)
        size = rest.nbytes
        while rest:
            rest = rest[self._file.write(rest) :]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class Lines:
    """Groups of lines, each with its number, into one file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        self._path, self._rows = path, 0
        self._file = Hashed(path)
        self._behind = OneBehind()

    @property
    def hashes(self) -> Mapping[str, str]:
        return {self._path.name: self._file.sha256}

    def add(self, group: tuple[int, pickle.PickleBuffer]) -> None:
        count, lines = group
        self._behind.do(self._file.write, lines)
        self._rows += count

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
        self._files: list[Hashed] = []
        self._writer: pq.ParquetWriter | None = None
        self._behind = OneBehind()

    @property
    def hashes(self) -> Mapping[str, str]:
        return {self._name(number): file.sha256 for number, file in enumerate(self._files)}

    def add(self, table: pa.Table) -> None:
        if self._writer is None:
            self._files.append(Hashed(self._part(len(self._whole))))
            self._writer = pq.ParquetWriter(self._files[-1], self._schema, compression="zstd")
        self._behind.do(self._writer.write_table, table)
        self._rows, self._bytes = self._rows + table.num_rows, self._bytes + table.nbytes
        if self._rows >= SHARD_ROWS or self._bytes >= SHARD_BYTES:
            self._end_shard()

    def _end_shard(self) -> None:
        self._behind.wait()
        if self._writer is not None:
            self._writer.close()
            self._files[-1].close()
            self._whole.append(self._rows)
            self._writer, self._rows, self._bytes = None, 0, 0

    def _part(self, number: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{number:05}.part")

    def _name(self, number: int) -> str:
        return f"{self._stem.name}-{number:05}-of-{len(self._whole):05}.parquet"

    def close(self) -> dict[str, int]:
        self._end_shard()
        self.abandon()
        named = {self._name(number): rows for number, rows in enumerate(self._whole)}
        for number, name in enumerate(named):
            self._part(number).rename(self._stem.with_name(name))
        return named

    def abandon(self) -> None:
        self._behind.end()
        if self._writer is not None:
            self._writer.close()
            self._files[-1].close()
