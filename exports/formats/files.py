"""Rows into the files of an export: Parquet for what is loaded by column, JSON lines for what reads them so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports import exclusions
from exports.beside import cores, in_order
from exports.formats.columns import MESSAGES as MESSAGES
from exports.formats.columns import table
from exports.rows import Pair, with_verdict
from exports.rows import rows_of as rows_of_part
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.choices import Split
from preferences.models import SealedRows
from preferences.rows import Row
from preferences.sealed_rows import Part, parts

ROW_GROUP = 2000  # what a reader that streams holds at once: about 10 MB of dialogues
# A shard is what is downloaded, or read by one worker, at once. It ends with the row group that reaches either.
SHARD_ROWS = 100_000
SHARD_BYTES = 500_000_000  # in memory; with zstd a fifth of it or less on disk

# Of a mix: which public set a row is from, and under which licence; empty for what was collected here.
SOURCE = (("dataset", pa.string()), ("licence", pa.string()))

LEAST_PARTS = 8  # of a batch, before it is worth while to start processes

T = TypeVar("T")
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


def write_lines(path: Path, groups: Iterable[tuple[int, bytes]]) -> int:
    """Groups of JSON lines, each with its number. Returns the number of rows; without any there is no file."""
    path.parent.mkdir(exist_ok=True)
    written = 0
    with path.open("wb") as file:
        for count, lines in groups:
            file.write(lines)
            written += count
    if not written:
        path.unlink()
    return written


def splits_as_parquet(out: Path, rows_of: RowsOf, schema: pa.Schema, *, folder: str = "data") -> dict[str, int]:
    """data/train-00000-of-00001.parquet and so on, and the same of test; the rows of each."""
    return {
        f"{folder}/{name}": count
        for split in Split
        for name, count in write_shards(out / folder / split, _tables(rows_of, split, schema), schema).items()
    }


def splits_as_lines(out: Path, rows_of: RowsOf, *, folder: str = "data") -> dict[str, int]:
    """data/train.jsonl and data/test.jsonl; the rows of each that is there."""
    names = {split: f"{folder}/{split}.jsonl" for split in Split}
    written = {name: write_lines(out / name, _converted(rows_of, split, _lines)) for split, name in names.items()}
    return {name: count for name, count in written.items() if count}


def pairs(selection: Selection, excluded: Counter[str], make: Make) -> RowsOf:
    """What `make` makes of each comparison with a verdict, by split; it may not remember one for the next."""
    if selection.mix:
        return lambda split: _made(selection.pairs(split, excluded), make)
    marked = exclusions.left_out(selection.batch)
    return _Parts(selection, excluded, lambda rows, _split: _made(with_verdict(rows, marked, excluded), make))


def everything(selection: Selection, make: Callable[[Row, Split], Iterable[Made]]) -> RowsOf:
    """What `make` makes of each comparison that was sealed, by split; it may not remember one for the next."""
    return _Parts(selection, Counter(), lambda rows, split: (one for row in rows for one in make(row, split)))


def _made(found: Iterable[Pair], make: Make) -> Iterator[Made]:
    return (one for row, verdict in found for one in make(row, verdict))


@dataclass(frozen=True)
class _Parts:
    """Rows of an export that are made part by part of a batch, so that all cores work on a large one."""

    selection: Selection
    excluded: Counter[str]
    make: Callable[[Iterator[Row], Split], Iterator[Made]]

    def __call__(self, split: Split) -> Iterator[Made]:
        return itertools.chain.from_iterable(self.converted(split, list))

    def converted(self, split: Split, convert: Callable[[list[Made]], T]) -> Iterator[T]:
        """What `convert` makes of the rows of each part that has some, in order."""
        batch, progress, excluded = self.selection.batch, self.selection.progress, self.excluded
        alone = cores() == 1 or SealedRows.objects.filter(batch=batch, split=split).count() < LEAST_PARTS

        def work(part: Part) -> tuple[T | None, Counter[str], int]:
            before = excluded.copy()
            made = list(self.make(rows_of_part(part), split))
            return (convert(made) if made else None), excluded - before, len(part.sealed)

        some = parts(batch, split)
        for converted, left_out, read in map(work, some) if alone else in_order(work, some, processes=cores()):
            if not alone:
                excluded.update(left_out)  # they were counted in another process
            if progress:
                progress.add(read)
            if converted is not None:
                yield converted


def with_source(schema: pa.Schema, selection: Selection) -> pa.Schema:
    """The columns of the format, and in a mix those of where a row is from."""
    return pa.schema([*schema, *(pa.field(*column) for column in SOURCE)]) if selection.mix else schema


def source_of(row: Row) -> Made:
    return {name: row.get(name, "") for name, _ in SOURCE}


def answer(row: Row, position: str) -> list[dict[str, str]]:
    """A response as the one message that it is."""
    return [{"role": "assistant", "content": row[f"response_{position}"]["text"]}]


def _tables(rows_of: RowsOf, split: Split, schema: pa.Schema) -> Iterator[pa.Table]:
    return _converted(rows_of, split, lambda group: table(group, schema))


def _lines(group: list[Made]) -> tuple[int, bytes]:
    return len(group), b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in group)


def _converted(rows_of: RowsOf, split: Split, convert: Callable[[list[Made]], T]) -> Iterator[T]:
    if isinstance(rows_of, _Parts):
        yield from rows_of.converted(split, convert)
        return
    rest = iter(rows_of(split))
    while group := list(itertools.islice(rest, ROW_GROUP)):
        yield convert(group)
