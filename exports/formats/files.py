"""Rows into the files of an export: Parquet for what is loaded by column, JSON lines for what reads them so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.choices import Split
from preferences.rows import Row

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
ROW_GROUP = 2000

Made = dict[str, Any]
RowsOf = Callable[[Split], Iterable[Made]]
Make = Callable[[Row, Aggregate], Iterable[Made]]


def write_parquet(path: Path, rows: Iterable[Made], schema: pa.Schema) -> int:
    """Returns the number of rows; without any there is no file: `datasets` refuses to load an empty one."""
    path.parent.mkdir(exist_ok=True)
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _chunks(iter(rows), ROW_GROUP):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            written += len(group)
    if not written:
        path.unlink()
    return written


def write_lines(path: Path, rows: Iterable[Made]) -> int:
    """As write_parquet, in JSON lines."""
    path.parent.mkdir(exist_ok=True)
    written = 0
    with path.open("wb") as lines:
        for row in rows:
            lines.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
    if not written:
        path.unlink()
    return written


def splits_as_parquet(out: Path, rows_of: RowsOf, schema: pa.Schema) -> dict[str, int]:
    """data/train.parquet and data/test.parquet; the rows of each that is there."""
    return _written(
        {split: write_parquet(out / "data" / f"{split}.parquet", rows_of(split), schema) for split in Split}, "parquet"
    )


def splits_as_lines(out: Path, rows_of: RowsOf) -> dict[str, int]:
    """data/train.jsonl and data/test.jsonl; the rows of each that is there."""
    return _written({split: write_lines(out / "data" / f"{split}.jsonl", rows_of(split)) for split in Split}, "jsonl")


def pairs(selection: Selection, excluded: Counter[str], make: Make) -> RowsOf:
    """What `make` makes of each comparison with a verdict, by split."""

    def rows_of(split: Split) -> Iterator[Made]:
        for row, verdict in selection.pairs(split, excluded):
            yield from make(row, verdict)

    return rows_of


def _written(rows: Mapping[Split, int], ending: str) -> dict[str, int]:
    return {f"data/{split}.{ending}": count for split, count in rows.items() if count}


def answer(row: Row, position: str) -> list[dict[str, str]]:
    """A response as the one message that it is."""
    return [{"role": "assistant", "content": row[f"response_{position}"]["text"]}]


def _chunks(rows: Iterator[Made], size: int) -> Iterator[list[Made]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
