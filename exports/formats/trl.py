"""TRL's preference form, conversational, as Parquet: RewardTrainer and DPOTrainer take it with no mapping.

Columns prompt, chosen, rejected are lists of {role, content}; margin is a number in every row or no column at all
(TRL fails on a null). The further columns are ignored by TRL.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from exports.rows import preference_rows, safety_scores
from exports.verdicts import Aggregate
from preferences.choices import Degree, Split
from preferences.margins import MARGINS, check_margin
from preferences.models import Batch
from preferences.rows import Row, counted

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
ROW_GROUP = 2000


def write(batch: Batch, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    """Writes data/train.parquet and data/test.parquet; returns their rows.

    A split without rows gets no file: `datasets` refuses to load an empty one.
    """
    check_margin(margin)
    (out / "data").mkdir()
    written = {
        f"data/{split}.parquet": _write_split(batch, split, out / "data" / f"{split}.parquet", margin, excluded)
        for split in Split
    }
    return {name: rows for name, rows in written.items() if rows}


def _write_split(batch: Batch, split: Split, path: Path, margin: str, excluded: Counter[str]) -> int:
    written = 0
    form = schema(with_margin=MARGINS[margin] is not None)
    rows = (trl_row(row, verdict, MARGINS[margin]) for row, verdict in preference_rows(batch, split, excluded))
    with pq.ParquetWriter(path, form, compression="zstd") as writer:
        for group in _chunks(rows, ROW_GROUP):
            writer.write_table(pa.Table.from_pylist(group, schema=form))
            written += len(group)
    if not written:
        path.unlink()
    return written


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
    safety = safety_scores(row)
    out = {
        "prompt": row["messages"],
        "chosen": [{"role": "assistant", "content": row[f"response_{chosen}"]["text"]}],
        "rejected": [{"role": "assistant", "content": row[f"response_{rejected}"]["text"]}],
        "comparison": row["comparison"],
        "track": row["track"],
        "degree": verdict.degree or "",
        "split_vote": verdict.split,
        # From the chosen response's side: above zero for it.
        "scores": [_toward(vote["score"], chosen) for vote in counted(row)],
        "corrected": sum("correction" in rating for rating in row["judgments"]),
        "adjudicated": "adjudication" in row,
        "chosen_variant": row[f"response_{chosen}"]["variant"],
        "rejected_variant": row[f"response_{rejected}"]["variant"],
        "chosen_temperature": row[f"response_{chosen}"]["temperature"],
        "rejected_temperature": row[f"response_{rejected}"]["temperature"],
        "chosen_safety": safety[chosen],
        "rejected_safety": safety[rejected],
    }
    if margins is not None:
        # Without a degree nothing is known of the distance: the margin is none, and a number for TRL.
        out["margin"] = margins[verdict.degree] if verdict.degree else 0.0
    return out


def _toward(score: int | None, chosen: str) -> int | None:
    """None for a vote that neither is valid."""
    return -score if score is not None and chosen == "a" else score


def _chunks(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
