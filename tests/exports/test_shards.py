"""Parquet in shards: bounded, in order, named by how many there are, the same files each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.formats import sinks
from exports.manifest import file_hash

SCHEMA = pa.schema([("number", pa.int64()), ("text", pa.string())])


def tables(*sizes: int, text: str = "x") -> Iterator[pa.Table]:
    """Numbered from zero through all of them."""
    first = 0
    for size in sizes:
        rows = [{"number": number, "text": text} for number in range(first, first + size)]
        yield pa.Table.from_pylist(rows, schema=SCHEMA)
        first += size


def written_to(stem: Path, some: Iterable[pa.Table]) -> dict[str, int]:
    shards = sinks.Shards(stem, SCHEMA)
    for table in some:
        shards.add(table)
    return shards.close()


def numbers(folder: Path) -> list[list[int]]:
    return [pq.read_table(path)["number"].to_pylist() for path in sorted(folder.iterdir())]


def test_a_shard_ends_with_the_row_group_that_fills_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "SHARD_ROWS", 4)
    written = written_to(tmp_path / "data" / "train", tables(2, 2, 2, 3, 1))
    assert written == {
        "train-00000-of-00003.parquet": 4,
        "train-00001-of-00003.parquet": 5,
        "train-00002-of-00003.parquet": 1,
    }
    assert numbers(tmp_path / "data") == [[0, 1, 2, 3], [4, 5, 6, 7, 8], [9]]
    first = pq.ParquetFile(tmp_path / "data" / "train-00000-of-00003.parquet").metadata
    assert [first.row_group(number).num_rows for number in range(first.num_row_groups)] == [2, 2]
    assert first.row_group(0).column(1).compression == "ZSTD"


def test_each_file_is_hashed_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "SHARD_ROWS", 2)
    shards, lines = sinks.Shards(tmp_path / "train", SCHEMA), sinks.Lines(tmp_path / "train.jsonl")
    for table in tables(2, 1):
        shards.add(table)
        lines.add(sinks.JsonLines().convert(table.to_pylist()))
    shards.close()
    lines.close()
    assert len(shards.hashes) == 2
    assert {**shards.hashes, **lines.hashes} == {path.name: file_hash(path) for path in tmp_path.iterdir()}


def test_long_texts_fill_a_shard_before_its_rows_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "SHARD_BYTES", 1000)
    written = written_to(tmp_path / "train", tables(1, 1, 1, 1, text="x" * 600))
    assert list(written.values()) == [2, 2]


def test_rows_that_fill_their_shards_exactly_leave_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "SHARD_ROWS", 2)
    assert list(written_to(tmp_path / "train", tables(2, 2)).values()) == [2, 2]


def test_without_a_row_there_is_no_file(tmp_path: Path) -> None:
    assert written_to(tmp_path / "data" / "test", tables()) == {}
    assert list((tmp_path / "data").iterdir()) == []


def test_a_later_table_is_made_when_the_earlier_ones_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "SHARD_ROWS", 1)

    def made() -> Iterator[pa.Table]:
        for number, table in enumerate(tables(1, 1, 1)):
            assert len(list(tmp_path.iterdir())) == number
            yield table

    assert len(written_to(tmp_path / "train", made())) == 3
