"""Rows into the files of an export: Parquet for what is loaded by column, JSON lines for what reads them so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports.formats.columns import MESSAGES as MESSAGES
from exports.formats.columns import table
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.choices import Split
from preferences.rows import Row

ROW_GROUP = 2000  # what a reader that streams holds at once: about 10 MB of dialogues
# A shard is what is downloaded, or read by one worker, at once. It ends with the row group that reaches either.
SHARD_ROWS = 100_000
SHARD_BYTES = 500_000_000  # in memory; with zstd a fifth of it or less on disk

# Of a mix: which public set a row is from, and under which licence; empty for what was collected here.
SOURCE = (("dataset", pa.string()), ("licence", pa.string()))

Made = dict[str, Any]
RowsOf = Callable[[Split], Iterable[Made]]
Make = Callable[[Row, Aggregate], Iterable[Made]]


def write_shards(stem: Path, tables: Iterable[pa.Table], schema: pa.Schema) -> dict[str, int]:
    """Tables as row groups of STEM-00000-of-00002.parquet and so on; rows by file name.

    How many files there are is known at the end, and they are named then. The same tables give the same files. Without
    a row there is no file: `datasets` refuses to load an empty one.
    """
    stem.parent.mkdir(exist_ok=True)
    rest = iter(tables)
    rows: list[int] = []
    while (first := next(rest, None)) is not None:
        rows.append(_write_shard(_unnamed(stem, len(rows)), itertools.chain([first], rest), schema))
    named = {f"{stem.name}-{number:05}-of-{len(rows):05}.parquet": count for number, count in enumerate(rows)}
    for number, name in enumerate(named):
        _unnamed(stem, number).rename(stem.with_name(name))
    return named


def _unnamed(stem: Path, number: int) -> Path:
    return stem.with_name(f"{stem.name}-{number:05}.part")


def _write_shard(path: Path, tables: Iterable[pa.Table], schema: pa.Schema) -> int:
    """Takes tables until the shard is full; returns its rows. One is compressed while the next is made."""
    rows = size = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer, ThreadPoolExecutor(1) as beside:
        written: Future[None] | None = None
        for table in tables:
            if written:
                written.result()
            written = beside.submit(writer.write_table, table)
            rows, size = rows + table.num_rows, size + table.nbytes
            if rows >= SHARD_ROWS or size >= SHARD_BYTES:
                break
        if written:
            written.result()
    return rows


def write_lines(path: Path, rows: Iterable[Made]) -> int:
    """Returns the number of rows; without any there is no file."""
    path.parent.mkdir(exist_ok=True)
    written = 0
    with path.open("wb") as lines:
        for row in rows:
            lines.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
    if not written:
        path.unlink()
    return written


def splits_as_parquet(out: Path, rows_of: RowsOf, schema: pa.Schema, *, folder: str = "data") -> dict[str, int]:
    """data/train-00000-of-00001.parquet and so on, and the same of test; the rows of each."""
    return {
        f"{folder}/{name}": count
        for split in Split
        for name, count in write_shards(out / folder / split, _tables(rows_of(split), schema), schema).items()
    }


def splits_as_lines(out: Path, rows_of: RowsOf, *, folder: str = "data") -> dict[str, int]:
    """data/train.jsonl and data/test.jsonl; the rows of each that is there."""
    names = {split: f"{folder}/{split}.jsonl" for split in Split}
    written = {name: write_lines(out / name, rows_of(split)) for split, name in names.items()}
    return {name: count for name, count in written.items() if count}


def pairs(selection: Selection, excluded: Counter[str], make: Make) -> RowsOf:
    """What `make` makes of each comparison with a verdict, by split."""

    def rows_of(split: Split) -> Iterator[Made]:
        for row, verdict in selection.pairs(split, excluded):
            yield from make(row, verdict)

    return rows_of


def with_source(schema: pa.Schema, selection: Selection) -> pa.Schema:
    """The columns of the format, and in a mix those of where a row is from."""
    return pa.schema([*schema, *(pa.field(*column) for column in SOURCE)]) if selection.mix else schema


def source_of(row: Row) -> Made:
    return {name: row.get(name, "") for name, _ in SOURCE}


def answer(row: Row, position: str) -> list[dict[str, str]]:
    """A response as the one message that it is."""
    return [{"role": "assistant", "content": row[f"response_{position}"]["text"]}]


def _tables(rows: Iterable[Made], schema: pa.Schema) -> Iterator[pa.Table]:
    rest = iter(rows)
    while group := list(itertools.islice(rest, ROW_GROUP)):
        yield table(group, schema)
