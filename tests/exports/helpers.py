"""Judged comparisons, sealed batches and what stands in a written export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from django.utils import timezone

from exports import actions, tasks
from exports.models import Export
from preferences.actions import batches, guidelines
from preferences.choices import Chosen, Position, Split
from preferences.models import Batch, Campaign, Comparison
from preferences.scales import DEGREE_OF, Verdict
from preferences.weeks import week_of
from tests import factories
from tests.annotation.helpers import new_comparison, new_user

SAFE = (4, 4)
ONE = "00000-of-00001.parquet"  # how the only shard of a split ends


def judged(
    campaign: Campaign, scores: Sequence[int] = (-3,), *, text: str = "", safety: Sequence[tuple[int, int]] = ()
) -> Comparison:
    """A comparison with one judgment a score (below zero for A), each with its safety scores of A and of B."""
    made = new_comparison(campaign, text=text)
    guideline = guidelines.current(campaign)
    assert guideline is not None
    assert len(scores) == campaign.raters_per_item
    for place, score in enumerate(scores):
        degree = DEGREE_OF[abs(score)] if score and campaign.the_scale.has_degree else None
        given = safety[place] if safety else SAFE
        factories.record(
            factories.leased_slot(made),
            by=new_user(),
            verdict=Verdict(Chosen.TIE if score == 0 else Chosen.A if score < 0 else Chosen.B, degree),
            shown_left=Position.A,
            guideline=guideline,
            active_seconds=10,
            safety=dict(zip(Position, given, strict=True)) if campaign.is_safety else None,
        )
    made.refresh_from_db()
    return made


def sealed(*campaigns: Campaign, name: str = "") -> Batch:
    return batches.seal(week=week_of(timezone.now()), campaigns=campaigns, by=None, name=name)


def written(batch: Batch, out: Path, *, format: str = "trl", margin: str = "small") -> Export:
    export = actions.request(batch=batch, format=format, margin=margin, by=None)
    return actions.write(export=export, out=out)


def ready() -> Export:
    """One of three comparisons, as a worker leaves it."""
    export = factories.export(factories.batch(comparisons=3))
    tasks.write(str(export.pk))
    export.refresh_from_db()
    return export


def rows_of(out: Path, split: str = "") -> list[dict[str, Any]]:
    """The rows of one split, or of both, in the order they were written."""
    shards = (path for one in ([split] if split else Split) for path in sorted((out / "data").glob(f"{one}-*.parquet")))
    return [row for path in shards for row in pq.read_table(path).to_pylist()]


def manifest_of(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((out / "manifest.json").read_bytes())
    return content


def bytes_of(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
