"""Every single judgment of a batch, flat: what agreement, quality and any other rule of counting are computed from.

The Parquet files have the texts as they were typed; in votes.csv a cell that a spreadsheet would run is made a text.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from exports.formats.files import Form, Source, everything, splits
from exports.formats.sinks import Made, OneBehind, Parquet, Shards
from exports.formats.vote_rows import SCHEMA, maker
from exports.selections import Selection
from preferences.spreadsheets import defused

CSV = "votes.csv"


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    kind = _WithCsv(out / CSV)
    written = splits(out, Form(source(selection, Counter()), kind), votes=kind)
    return {**written, CSV: sum(written.values())} if written else {}


def source(selection: Selection, excluded: Counter[str]) -> Source:
    """Of all that was sealed: nothing is left out."""
    return everything(selection, excluded, maker(selection.batch))


@dataclass(frozen=True)
class _WithCsv:
    """Parquet, and beside it one file of the cells of both sides."""

    path: Path

    def convert(self, rows: list[Made]) -> tuple[pa.Table, bytes]:
        made = Parquet(SCHEMA).convert(rows)
        lines = io.StringIO(newline="")
        csv.writer(lines).writerows(zip(*map(_cells, made.columns), strict=True))
        return made, lines.getvalue().encode()

    def sink(self, stem: Path) -> _ParquetAndCsv:
        return _ParquetAndCsv(Shards(stem, SCHEMA), self.path)


class _ParquetAndCsv:
    def __init__(self, shards: Shards, path: Path) -> None:
        self._shards, self._path = shards, path
        self._behind = OneBehind()

    @property
    def hashes(self) -> Mapping[str, str]:
        return self._shards.hashes

    def add(self, group: tuple[pa.Table, bytes]) -> None:
        table, lines = group
        self._shards.add(table)
        self._behind.do(self._write, lines)

    def _write(self, lines: bytes) -> None:
        with self._path.open("ab") as file:
            if not file.tell():
                file.write(f"{','.join(SCHEMA.names)}\r\n".encode())
            file.write(lines)

    def close(self) -> dict[str, int]:
        self._behind.wait()
        self._behind.end()
        return self._shards.close()

    def abandon(self) -> None:
        self._behind.end()
        self._shards.abandon()


def _cells(column: pa.ChunkedArray) -> Iterator[object]:
    """Most of the texts are of a few different ones."""
    distinct = column.combine_chunks().dictionary_encode()
    cells = [defused(value) if isinstance(value, str) else value for value in distinct.dictionary.to_pylist()]
    return (None if place is None else cells[place] for place in distinct.indices.to_pylist())
