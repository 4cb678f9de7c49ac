"""Rows into the files of an export: Parquet for what is loaded by column, JSON lines for what reads them so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports.rows import preference_rows
from exports.verdicts import Aggregate
from preferences.choices import Split
from preferences.models import Batch
from preferences.rows import Row

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
ROW_GROUP = 2000

Made = dict[str, Any]
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


def pairs_as_parquet(batch: Batch, out: Path, excluded: Counter[str], make: Make, schema: pa.Schema) -> dict[str, int]:
    """data/train.parquet and data/test.parquet of what `make` makes of each comparison with a verdict."""
    written = {
        f"data/{split}.parquet": write_parquet(
            out / "data" / f"{split}.parquet", _made(batch, split, excluded, make), schema
        )
        for split in Split
    }
    return {name: rows for name, rows in written.items() if rows}


def pairs_as_lines(batch: Batch, out: Path, excluded: Counter[str], make: Make) -> dict[str, int]:
    """data/train.jsonl and data/test.jsonl of what `make` makes of each comparison with a verdict."""
    written = {
        f"data/{split}.jsonl": write_lines(out / "data" / f"{split}.jsonl", _made(batch, split, excluded, make))
        for split in Split
    }
    return {name: rows for name, rows in written.items() if rows}


def answer(row: Row, position: str) -> list[dict[str, str]]:
    """A response as the one message that it is."""
    return [{"role": "assistant", "content": row[f"response_{position}"]["text"]}]


def _made(batch: Batch, split: Split, excluded: Counter[str], make: Make) -> Iterator[Made]:
    for row, verdict in preference_rows(batch, split, excluded):
        yield from make(row, verdict)


def _chunks(rows: Iterator[Made], size: int) -> Iterator[list[Made]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
