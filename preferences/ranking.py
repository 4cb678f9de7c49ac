"""How strong the variants are by what ordinary collection says: a new model against the previous one, for free.

Llama 2, section 3.4.1, lets the new and the previous model answer in the next iteration; each judgment is then a match
between two variants, and Bradley and Terry's model puts all of them on one scale. The side on which a response was
shown and how much longer it is sway judgments, too: they are covariates. The judgments of one dialogue depend on each
other, so that standard errors take each dialogue as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import exp, log
from typing import Any

import numpy as np
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Sign
from django.utils.translation import gettext as _

from preferences.choices import ComparisonStatus, JudgmentRole, Position, Purpose
from preferences.lengths import Octets
from preferences.models import Campaign, Judgment, Variant
from preferences.planner import by_hash
from preferences.stats import Interval, bradley_terry, outcomes, quantiles
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.win_rates import clustered_win_rate

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ranked:
    """A variant's log-strength against the mean of all: adjusted for side and length, and as it is."""

    variant: Variant
    judgments: int
    adjusted: Interval
    plain: Interval


@dataclass(frozen=True)
class Pair:
    """A variant against the one registered before it: its chance to be preferred, by the model and as counted."""

    variant: Variant
    against: Variant
    adjusted: Interval
    plain: Interval
    met: int  # judgments between the two; others tell of them through third variants
    points: float  # of these, those for the variant, a tie as half


@dataclass(frozen=True)
class Ranking:
    judgments: int
    dialogues: int
    ranked: list[Ranked]  # the strongest first
    pairs: list[Pair]  # the newest first
    left: Interval | None  # by what factor being shown on the left multiplies the odds
    longer: Interval | None  # by what factor being twice as long does
    apart: list[Variant]  # that no chain of wins and losses joins to the others
    note: str  # why there is no ranking, or none that is adjusted


@dataclass(frozen=True)
class _Rows:
    """One for each judgment between two variants, numbered by `variants`."""

    variants: list[int]
    first: IntArray
    second: IntArray
    outcome: IntArray  # 1 where the first is preferred, 0 for a tie
    left: FloatArray  # 1/2 where the first was shown on the left, -1/2 on the right, 0 where nobody knows
    longer: FloatArray  # log2 of its length over the other's
    dialogue: IntArray

    def points(self) -> FloatArray:
        """Wins of each over each, a tie as half."""
        return outcomes.points(self.first, self.second, self.outcome, len(self.variants))

    def among(self, members: IntArray) -> _Rows:
        """The judgments between these of the variants, numbered anew."""
        kept = np.isin(self.first, members) & np.isin(self.second, members)
        numbers = np.full(len(self.variants), -1)
        numbers[members] = np.arange(members.size)
        return _Rows(
            [self.variants[number] for number in members],
            numbers[self.first[kept]], numbers[self.second[kept]],
            self.outcome[kept], self.left[kept], self.longer[kept], self.dialogue[kept],
        )  # fmt: skip


def ranking(campaigns: Sequence[Campaign]) -> Ranking:
    """Of the variants that these campaigns compare; where they fall apart, of the group with most judgments."""
    everything = _read(campaigns)
    found = Variant.objects.in_bulk(everything.variants)
    if not everything.first.size:
        return Ranking(0, 0, [], [], None, None, [], _("No two variants have been compared yet."))
    rows, apart = _largest_group(everything)
    counted = (rows.first.size, np.unique(rows.dialogue).size)
    left_out = [found[everything.variants[number]] for number in apart]
    if len(rows.variants) < 2:
        said = _("No variant has both won and lost yet, directly or through others: there is no common scale.")
        return Ranking(*counted, [], [], None, None, left_out, said)
    try:
        plain = _fit(rows, {})
    except ValueError as error:
        said = str(error)  # the statistics know one language only
        return Ranking(*counted, [], [], None, None, left_out, _(said))
    covariates = {name: column for name, column in (("left", rows.left), ("longer", rows.longer)) if column.any()}
    adjusted, note = plain, ""
    try:
        adjusted = _fit(rows, covariates)
    except ValueError as error:
        said = str(error)
        covariates, note = {}, _("Not adjusted for side and length: %(reason)s") % {"reason": _(said)}
    effects = {name: _factor(adjusted, place) for place, name in enumerate(covariates)}
    return Ranking(
        *counted,
        ranked=_ranked(rows, found, adjusted, plain),
        pairs=_pairs(rows, found, adjusted, plain),
        left=effects.get("left"),
        longer=effects.get("longer"),
        apart=left_out,
        note=note,
    )


@dataclass(frozen=True)
class Won:
    """A variant against all others it met: a tie as half a win."""

    rate: Interval
    judgments: int
    dialogues: int


def won_by(variant: Variant, campaign: Campaign, *, since: datetime, until: datetime | None) -> Won:
    """By the judgments of the comparisons that the campaign opened in this time; None is until now."""
    sides = Q(comparison__response_a__variant=variant) | Q(comparison__response_b__variant=variant)
    found = _judgments([campaign]).filter(sides, comparison__created_at__gte=since)
    if until is not None:
        found = found.filter(comparison__created_at__lt=until)
    is_a = Case(When(comparison__response_a__variant=variant, then=-1), default=1)
    rows = (
        found.annotate(outcome=Sign("counted") * is_a).order_by().values_list("outcome", "comparison__turn__dialogue")
    )
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    rate = clustered_win_rate(table[:, 0], table[:, 1], confidence=CONFIDENCE)
    return Won(rate, judgments=len(table), dialogues=np.unique(table[:, 1]).size)


_LENGTHS = {"length_a": Octets("comparison__response_a__text"), "length_b": Octets("comparison__response_b__text")}
_ROW = [
    ("a", np.int64), ("b", np.int64), ("side", np.int64), ("left", np.float64), ("length_a", np.float64),
    ("length_b", np.float64), ("dialogue", np.int64),
]  # fmt: skip


def _judgments(campaigns: Sequence[Campaign]) -> QuerySet[Judgment]:
    """Each rating, as corrected where a reviewer did; where one adjudicated, theirs alone. Without those of no side."""
    adjudication = Judgment.objects.filter(comparison=OuterRef("comparison"), role=JudgmentRole.ADJUDICATION)
    collected = Judgment.objects.filter(
        comparison__campaign__in=campaigns,
        comparison__purpose=Purpose.COLLECTION,
        comparison__response_b__isnull=False,
    )
    return (
        collected.exclude(comparison__status=ComparisonStatus.WITHDRAWN)
        .exclude(role=JudgmentRole.CORRECTION)
        .exclude(Exists(adjudication), role=JudgmentRole.RATING)
        .exclude(comparison__response_a__variant=F("comparison__response_b__variant"))
        .annotate(counted=Coalesce("correction__score", "score"))
        .filter(counted__isnull=False)
    )


@by_hash()
def _read(campaigns: Sequence[Campaign]) -> _Rows:
    shown: dict[str, Any] = {
        "side": Sign("counted"),
        "left": Case(When(shown_left=Position.A, then=0.5), When(shown_left=Position.B, then=-0.5), default=Value(0.0)),
    }
    names = (
        "comparison__response_a__variant", "comparison__response_b__variant", "side", "left", "length_a", "length_b",
        "comparison__turn__dialogue",
    )  # fmt: skip
    rows = _judgments(campaigns).annotate(**shown, **_LENGTHS).order_by().values_list(*names)
    table = np.fromiter(rows.iterator(chunk_size=20_000), dtype=np.dtype(_ROW))
    variants, places = np.unique(np.concatenate([table["a"], table["b"]]), return_inverse=True)
    return _Rows(
        variants.tolist(),
        first=places[: table.size],
        second=places[table.size :],
        outcome=-table["side"],
        left=table["left"],
        longer=np.log2(np.maximum(table["length_a"], 1) / np.maximum(table["length_b"], 1)),
        dialogue=table["dialogue"],
    )


def _largest_group(rows: _Rows) -> tuple[_Rows, list[int]]:
    """The judgments of the variants that wins and losses join, and the numbers of the others."""
    labels = bradley_terry.groups(rows.points())
    inside = Counter(labels[rows.first[labels[rows.first] == labels[rows.second]]].tolist())
    largest = inside.most_common(1)[0][0] if inside else labels[0]
    return rows.among(np.flatnonzero(labels == largest)), np.flatnonzero(labels != largest).tolist()


def _fit(rows: _Rows, covariates: dict[str, FloatArray]) -> bradley_terry.Strengths:
    beside = np.stack(list(covariates.values()), axis=1) if covariates else None
    return bradley_terry.fit_outcomes(
        rows.first, rows.second, rows.outcome,
        competitors=len(rows.variants), covariates=beside, clusters=rows.dialogue,
    )  # fmt: skip


def _interval(value: float, se: float) -> Interval:
    reach = quantiles.normal(CONFIDENCE) * se
    return Interval(value=value, low=value - reach, high=value + reach, confidence=CONFIDENCE)


def _factor(found: bradley_terry.Strengths, place: int) -> Interval:
    effect = _interval(float(found.effects[place]), float(found.effects_se[place]))
    value, low, high = (None if number is None else _exp(number) for number in (effect.value, effect.low, effect.high))
    return Interval(value=value, low=low, high=high, confidence=CONFIDENCE)


def _exp(number: float) -> float:
    """Kept within what a float holds: an effect that nothing bounds is endless in words, too."""
    return exp(min(number, log(1e300)))


def _ranked(
    rows: _Rows, found: dict[int, Variant], adjusted: bradley_terry.Strengths, plain: bradley_terry.Strengths
) -> list[Ranked]:
    judged = np.bincount(np.concatenate([rows.first, rows.second]), minlength=len(rows.variants))
    order = np.argsort(-adjusted.log_strengths, kind="stable")
    return [
        Ranked(
            found[rows.variants[number]],
            int(judged[number]),
            *(_interval(float(fit.log_strengths[number]), float(fit.se[number])) for fit in (adjusted, plain)),
        )
        for number in order
    ]


def _pairs(
    rows: _Rows, found: dict[int, Variant], adjusted: bradley_terry.Strengths, plain: bradley_terry.Strengths
) -> list[Pair]:
    points, registered = rows.points(), sorted(range(len(rows.variants)), key=lambda number: rows.variants[number])
    pairs = []
    for earlier, later in pairwise(registered):
        won, lost = float(points[later, earlier]), float(points[earlier, later])
        pair = Pair(
            variant=found[rows.variants[later]],
            against=found[rows.variants[earlier]],
            adjusted=adjusted.win_rate(later, earlier, confidence=CONFIDENCE),
            plain=plain.win_rate(later, earlier, confidence=CONFIDENCE),
            met=round(won + lost),
            points=won,
        )
        pairs.append(pair)
    return pairs[::-1]
