"""What a round found: how often the reward models agree with people, and whether the new variant wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from django.db.models import Case, Q, When
from django.db.models.functions import Sign

from preferences.choices import Degree, JudgmentRole, Track
from preferences.models import Campaign, Judgment, Variant
from preferences.stats import Interval
from preferences.stats.win_rates import clustered_win_rate
from workers.models import RewardModel
from workers.rewards.evaluation import Counts, Hits

HEADS = ("significantly", "better", "slightly", "negligibly / unsure", "all")  # Degree, in its order, then all


@dataclass(frozen=True)
class Row:
    """A reward model on the held-out pairs of one track, over all batches it was measured on (Table 8)."""

    model: str
    test: str
    hits: tuple[Hits, ...]  # by HEADS

    def as_json(self) -> dict[str, Any]:
        return {"model": self.model, "test": self.test, "cells": [_cell(one) for one in self.hits]}


def table(models: Sequence[RewardModel]) -> list[Row]:
    rows = []
    for model in models:
        for track in (Track.SAFETY, Track.HELPFULNESS):
            found = [one.counted for one in model.evaluations.all() if one.track == track]
            counts = reduce(add, found, Counts())
            rows.append(Row(model.track, str(track), (*(counts.of(degree) for degree in Degree), counts.total)))
    return rows


def _cell(hits: Hits) -> str:
    return f"{_percent(hits.accuracy.value)} ({_limits(hits.accuracy)}, {hits.pairs})" if hits.pairs else "-"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _limits(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "-"
    return f"{100 * interval.low:.0f}-{100 * interval.high:.0f}"


@dataclass(frozen=True)
class Verdict:
    """The new variant's share of the judgments between it and the previous one, a tie as a half."""

    what: str
    judgments: int
    rate: Interval

    @property
    def wins(self) -> bool:
        return self.rate.low is not None and self.rate.low > 0.5

    @property
    def loses(self) -> bool:
        return self.rate.high is not None and self.rate.high < 0.5

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "judgments": self.judgments,
            "rate": asdict(self.rate),
            "preferred": _percent(self.rate.value),
            "interval": _limits(self.rate),
            "wins": self.wins,
        }


def verdicts(new: Variant, campaigns: Sequence[Campaign], *, since: datetime) -> list[Verdict]:
    """Of all judgments first, then by track."""
    is_a = Case(When(comparison__response_a__variant=new, then=-1), default=1)
    sides = Q(comparison__response_a__variant=new) | Q(comparison__response_b__variant=new)
    judged = Judgment.objects.filter(
        sides, role=JudgmentRole.RATING, comparison__campaign__in=campaigns, comparison__created_at__gte=since
    ).annotate(points=Sign("score") * is_a)
    parts = {
        "all prompts": judged,
        **{campaign.track: judged.filter(comparison__campaign=campaign) for campaign in campaigns},
    }
    found = []
    for what, part in parts.items():
        rows = list(part.order_by().values_list("points", "comparison__turn__dialogue"))
        pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
        found.append(Verdict(what, len(rows), clustered_win_rate(pairs[:, 0], pairs[:, 1])))
    return found


def sentence(new: Variant, previous: Variant, verdict: Verdict) -> str:
    rate = verdict.rate
    if rate.value is None or rate.low is None or rate.high is None:
        return f"{new} and {previous} were not compared often enough for a verdict."
    said = "wins against" if verdict.wins else "loses to" if verdict.loses else "cannot be told from"
    return (
        f"{new} {said} {previous}: preferred in {rate.value:.1%} of {verdict.judgments} judgments, "
        f"95% interval {rate.low:.1%} to {rate.high:.1%}."
    )
