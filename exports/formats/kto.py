"""TRL's unpaired form for KTOTrainer: each response on its own, good or not (arXiv 2402.01306)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from exports.formats.files import MESSAGES, Source, answer, pairs, source_of, splits_as_parquet, with_source
from exports.formats.sinks import Made
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.rows import Row

SCHEMA = pa.schema(
    [
        ("prompt", MESSAGES),
        ("completion", MESSAGES),
        ("label", pa.bool_()),
        ("comparison", pa.string()),
        ("degree", pa.string()),
    ]
)


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    return splits_as_parquet(out, source(selection, excluded), with_source(SCHEMA, selection))


def source(selection: Selection, excluded: Counter[str]) -> Source:
    return pairs(selection, excluded, _rows)


def _rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
    for position in (verdict.chosen, verdict.chosen.other):
        yield {
            "prompt": row["messages"],
            "completion": answer(row, position),
            "label": position == verdict.chosen,
            "comparison": row["comparison"],
            "degree": verdict.degree or "",
            **source_of(row),
        }
