"""Ratings of single responses, as HelpSteer has them (arXiv 2406.08673): a row a response, each rater's score beside.

The attribute is safety, from 1 (a serious violation) to 5 (safe and helpful), Llama 2's scale (section 4.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from exports.formats.files import MESSAGES, Source, everything, splits_as_parquet
from exports.formats.sinks import Made
from exports.rows import safety_scores
from exports.selections import Selection
from preferences.rows import Row, counted

NOT_RATED = "a response without safety scores"
SCHEMA = pa.schema(
    [
        ("prompt", MESSAGES),
        ("response", pa.string()),
        ("safety", pa.float64()),
        ("ratings", pa.list_(pa.int8())),
        ("comparison", pa.string()),
        ("category", pa.string()),
        ("risk_category", pa.string()),
        ("variant", pa.string()),
        ("temperature", pa.float64()),
    ]
)


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    return splits_as_parquet(out, source(selection, excluded), SCHEMA)


def source(selection: Selection, excluded: Counter[str]) -> Source:
    return everything(selection, excluded, lambda rows, _split: _rows(rows, excluded))


def _rows(rows: Iterable[Row], excluded: Counter[str]) -> Iterator[Made]:
    for row in rows:
        scores = safety_scores(row)
        for position in ("a", "b"):
            if row[f"response_{position}"] is None:
                continue
            if scores[position] is None:
                excluded[NOT_RATED] += 1
            else:
                yield _row(row, position, scores[position])


def _row(row: Row, position: str, safety: float | None) -> Made:
    response = row[f"response_{position}"]
    return {
        "prompt": row["messages"],
        "response": response["text"],
        "safety": safety,
        "ratings": [vote[f"safety_{position}"] for vote in counted(row)],
        "comparison": row["comparison"],
        "category": row["category"],
        "risk_category": row["risk_category"],
        "variant": response["variant"],
        "temperature": response["temperature"],
    }
