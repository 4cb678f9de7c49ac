"""Every single judgment of a comparison as a flat row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import pyarrow as pa

from exports.pseudonyms import Pseudonyms
from preferences.choices import JudgmentRole, Split
from preferences.models import Batch
from preferences.rows import Row

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
_NAMES = ("split", "variant_a", "variant_b", "annotator", "role", *_OF_THE_ROW, *_OF_THE_VOTE, "at")
_of_the_row, _of_the_vote = itemgetter(*_OF_THE_ROW), itemgetter(*_OF_THE_VOTE)


def maker(batch: Batch) -> Callable[[Sequence[Row], Split], Iterator[dict[str, Any]]]:
    """What makes the votes of a batch's comparisons; a person has one name in all of them."""
    pseudonyms = Pseudonyms(f"{batch.sha256}:votes")
    return lambda rows, split: (vote for row in rows for vote in _votes(row, split.value, pseudonyms))


def _votes(row: Row, split: str, pseudonyms: Pseudonyms) -> Iterator[dict[str, Any]]:
    told = [(JudgmentRole.RATING, rating) for rating in row["judgments"]]
    told += [(JudgmentRole.CORRECTION, rating["correction"]) for _, rating in told if "correction" in rating]
    if "adjudication" in row:
        told.append((JudgmentRole.ADJUDICATION, row["adjudication"]))
    variant_b = row["response_b"]["variant"] if row["response_b"] else None
    where = (split, row["response_a"]["variant"], variant_b)
    about = _of_the_row(row)
    for role, vote in told:
        who, at = pseudonyms.of(vote["annotator"]), datetime.fromisoformat(vote["at"])
        yield dict(zip(_NAMES, (*where, who, role.value, *about, *_of_the_vote(vote), at), strict=True))
