"""Every single judgment of a batch, flat: what agreement, quality and any other rule of counting are computed from.

The Parquet files have the texts as they were typed; in votes.csv a cell that a spreadsheet would run is made a text.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exports.formats import VOTES
from exports.formats.files import Made, RowsOf, everything, splits_as_lines, splits_as_parquet
from exports.pseudonyms import Pseudonyms
from exports.selections import Selection
from preferences.choices import JudgmentRole, Split
from preferences.rows import Row
from preferences.spreadsheets import defused

CSV = "votes.csv"
SCHEMA = pa.schema(
    [
        ("comparison", pa.string()),
        ("split", pa.string()),
        ("campaign", pa.string()),
        ("track", pa.string()),
        ("dialogue", pa.int64()),
        ("turn", pa.int32()),
        ("category", pa.string()),
        ("risk_category", pa.string()),
        ("variant_a", pa.string()),
        ("variant_b", pa.string()),
        ("annotator", pa.string()),
        ("role", pa.string()),
        ("shown_left", pa.string()),
        ("chosen", pa.string()),
        ("degree", pa.string()),
        ("score", pa.int8()),
        ("safety_a", pa.int8()),
        ("safety_b", pa.int8()),
        ("rationale", pa.string()),
        ("active_seconds", pa.float64()),
        ("guideline", pa.int32()),
        ("at", pa.timestamp("us", tz="UTC")),
    ]
)
_OF_THE_ROW = ("comparison", "campaign", "track", "dialogue", "turn", "category", "risk_category")
_OF_THE_VOTE = (
    "shown_left",
    "chosen",
    "degree",
    "score",
    "safety_a",
    "safety_b",
    "rationale",
    "active_seconds",
    "guideline",
)


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    written = write_parquet(selection, out, margin=margin, excluded=excluded)
    if not written:
        return {}
    _write_csv([out / name for name in written], out / CSV)
    return {**written, CSV: sum(written.values())}


def write_beside(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    """Beside another format in a folder of their own, as lines beside lines: `datasets` loads one kind of file."""
    if (out / "data" / f"{Split.TRAIN}.jsonl").exists() or (out / "data" / f"{Split.TEST}.jsonl").exists():
        return splits_as_lines(out, _rows_of(selection), folder=VOTES)
    return write_parquet(selection, out, margin=margin, excluded=excluded, folder=VOTES)


def write_parquet(
    selection: Selection, out: Path, *, margin: str, excluded: Counter[str], folder: str = "data"
) -> dict[str, int]:
    return splits_as_parquet(out, _rows_of(selection), SCHEMA, folder=folder)


def _rows_of(selection: Selection) -> RowsOf:
    pseudonyms = Pseudonyms(f"{selection.batch.sha256}:votes")
    return everything(selection, lambda row, split: _votes(row, split, pseudonyms))


def _votes(row: Row, split: Split, pseudonyms: Pseudonyms) -> Iterator[Made]:
    told = [(JudgmentRole.RATING, rating) for rating in row["judgments"]]
    told += [(JudgmentRole.CORRECTION, rating["correction"]) for _, rating in told if "correction" in rating]
    if "adjudication" in row:
        told.append((JudgmentRole.ADJUDICATION, row["adjudication"]))
    for role, vote in told:
        yield {
            "split": str(split),
            "variant_a": row["response_a"]["variant"],
            "variant_b": row["response_b"]["variant"] if row["response_b"] else None,
            "annotator": pseudonyms.of(vote["annotator"]),
            "role": str(role),
            **{name: row[name] for name in _OF_THE_ROW},
            **{name: vote[name] for name in _OF_THE_VOTE},
            "at": datetime.fromisoformat(vote["at"]),
        }


def _write_csv(sources: Sequence[Path], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(SCHEMA.names)
        for source in sources:
            for part in pq.ParquetFile(source).iter_batches():
                lines.writerows([_cell(value) for value in vote.values()] for vote in part.to_pylist())


def _cell(value: object) -> object:
    return defused(value) if isinstance(value, str) else value
