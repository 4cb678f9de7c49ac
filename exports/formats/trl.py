"""TRL's preference form, conversational, as Parquet: RewardTrainer and DPOTrainer take it with no mapping.

Columns prompt, chosen, rejected are lists of {role, content}; margin is a number in every row or no column at all
(TRL fails on a null). The further columns are ignored by TRL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from exports.formats.files import MESSAGES, Source, answer, pairs, source_of, splits_as_parquet, with_source
from exports.rows import safety_scores
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.choices import Degree
from preferences.margins import by_degree
from preferences.rows import Row, counted


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    """Writes train-*.parquet and test-*.parquet; returns their rows."""
    form = with_source(schema(with_margin=by_degree(margin) is not None), selection)
    return splits_as_parquet(out, source(selection, excluded, margin), form)


def source(selection: Selection, excluded: Counter[str], margin: str) -> Source:
    margins = by_degree(margin)
    return pairs(selection, excluded, lambda row, verdict: [trl_row(row, verdict, margins)])


def schema(*, with_margin: bool) -> pa.Schema:
    return pa.schema(
        [
            ("prompt", MESSAGES),
            ("chosen", MESSAGES),
            ("rejected", MESSAGES),
            *([("margin", pa.float64())] if with_margin else []),
            ("comparison", pa.string()),
            ("track", pa.string()),
            ("degree", pa.string()),
            ("split_vote", pa.bool_()),
            ("scores", pa.list_(pa.int8())),
            ("corrected", pa.int8()),
            ("adjudicated", pa.bool_()),
            ("chosen_variant", pa.string()),
            ("rejected_variant", pa.string()),
            ("chosen_temperature", pa.float64()),
            ("rejected_temperature", pa.float64()),
            ("chosen_safety", pa.float64()),
            ("rejected_safety", pa.float64()),
        ]
    )


def trl_row(row: Row, verdict: Aggregate, margins: Mapping[Degree, float] | None) -> dict[str, Any]:
    chosen, rejected = verdict.chosen, verdict.chosen.other
    better, worse = row[f"response_{chosen}"], row[f"response_{rejected}"]
    safety = safety_scores(row)
    out = {
        "prompt": row["messages"],
        "chosen": answer(row, chosen),
        "rejected": answer(row, rejected),
        "comparison": row["comparison"],
        "track": row["track"],
        "degree": verdict.degree or "",
        "split_vote": verdict.split,
        # From the chosen response's side: above zero for it.
        "scores": [_toward(vote["score"], chosen) for vote in counted(row)],
        "corrected": sum("correction" in rating for rating in row["judgments"]),
        "adjudicated": "adjudication" in row,
        "chosen_variant": better["variant"],
        "rejected_variant": worse["variant"],
        "chosen_temperature": better["temperature"],
        "rejected_temperature": worse["temperature"],
        "chosen_safety": safety[chosen],
        "rejected_safety": safety[rejected],
        **source_of(row),
    }
    if margins is not None:
        out["margin"] = margin_of(verdict, margins)
    return out


def margin_of(verdict: Aggregate, margins: Mapping[Degree, float]) -> float:
    """Without a degree nothing is known of the distance: the margin is none, and a number."""
    return margins[verdict.degree] if verdict.degree else 0.0


def _toward(score: int | None, chosen: str) -> int | None:
    """None for a vote that neither is valid."""
    return -score if score is not None and chosen == "a" else score
