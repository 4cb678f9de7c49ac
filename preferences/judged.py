"""What was judged in a study, one item for each comparison, with what its report sorts by. A few queries, any size."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Case, F, Func, IntegerField, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from preferences.choices import ComparisonStatus, JudgmentRole, Purpose
from preferences.lengths import Words
from preferences.models import BatchItem, Campaign, Comparison, Judgment
from preferences.stats import RatingPatterns
from preferences.verdicts import Votes

FINISHED = (ComparisonStatus.JUDGED, ComparisonStatus.SEALED)


class UserMessages(Func):
    """How many messages of a dialogue's context are the user's."""

    template = "jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$[*] ? (@.role == \"user\")'))"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt as it was judged: a pair of responses, or, in a safety rating, one response."""

    votes: Votes
    comparison: int
    key: UUID
    variant_a: int
    variant_b: int | None
    category: str
    second_category: str
    risk_category: str
    attack_vector: str
    turns: int  # user messages up to the one that is answered
    prompt_words: int  # of that message
    response_words: int  # of all its responses here
    prompt: str  # the same wherever the same prompt, with the same messages before it, was put
    batch: str  # the name of the first that holds it; none while it is not sealed
    finished_at: datetime

    @property
    def categories(self) -> tuple[str, ...]:
        """A prompt may have two; one without any has the empty one."""
        return (self.category, self.second_category) if self.second_category else (self.category,)


@dataclass(frozen=True)
class Judged:
    items: list[Item]  # whose judgments are all in, in the order in which they came in
    unfinished: int  # comparisons that wait for judgments and are left out


def read(campaign: Campaign) -> Judged:
    """The collected comparisons of a campaign; gold and repeats are about their raters and not among them."""
    collected = campaign.comparisons.filter(purpose=Purpose.COLLECTION)
    finished = collected.filter(status__in=FINISHED)
    votes = _votes(finished)
    rows = finished.annotate(**_COLUMNS).order_by("finished_at", "pk").values_list(*_NAMES)
    items = [Item(votes[row[0]], *row) for row in rows.iterator()]
    return Judged(items, collected.filter(status=ComparisonStatus.OPEN).count())


# What begins a dialogue is named by its words, so that a prompt that was put to each model anew is still the same.
_SAID = Concat(Cast("turn__dialogue__context", TextField()), "turn__prompt__family", output_field=TextField())
_PROMPT = Case(When(turn__index=0, then=MD5(_SAID)), default=Cast("turn", TextField()), output_field=TextField())
_BATCHES = BatchItem.objects.filter(comparison=OuterRef("pk")).order_by("batch__sealed_at", "batch")
_COLUMNS: dict[str, Any] = {
    "variant_a": F("response_a__variant"),
    "variant_b": F("response_b__variant"),
    "category": F("turn__prompt__category"),
    "second_category": F("turn__prompt__second_category"),
    "risk_category": F("turn__prompt__risk_category"),
    "attack_vector": F("turn__prompt__attack_vector"),
    "turns": UserMessages("turn__dialogue__context") + F("turn__index") + 1,
    "prompt_words": Words("turn__prompt__text"),
    "response_words": Words("response_a__text") + Coalesce(Words("response_b__text"), 0),
    "prompt": _PROMPT,
    "batch": Coalesce(Subquery(_BATCHES.values("batch__name")[:1]), Value("")),
}
_NAMES = ("pk", "key", *_COLUMNS, "finished_at")


def _votes(comparisons: QuerySet[Comparison]) -> defaultdict[int, Votes]:
    judgments = Judgment.objects.filter(comparison__in=comparisons.values("pk")).order_by("comparison", "pk")
    said: dict[int, list[tuple[Any, ...]]] = {}
    rows = judgments.values_list("comparison_id", "role", "pk", "corrects_id", "score")
    for comparison, *row in rows.iterator():
        said.setdefault(comparison, []).append(tuple(row))
    found: defaultdict[int, Votes] = defaultdict(lambda: Votes((), ()))
    found.update((comparison, _of(rows)) for comparison, rows in said.items())
    return found


def _of(rows: Iterable[tuple[Any, ...]]) -> Votes:
    rows = list(rows)
    corrected = {corrects: score for role, _, corrects, score in rows if role == JudgmentRole.CORRECTION}
    ratings = [(pk, score) for role, pk, _, score in rows if role == JudgmentRole.RATING]
    adjudications = [score for role, _, _, score in rows if role == JudgmentRole.ADJUDICATION]
    return Votes(
        ratings=tuple(score for _, score in ratings),
        counted=tuple(corrected.get(pk, score) for pk, score in ratings),
        is_adjudicated=bool(adjudications),
        adjudication=adjudications[0] if adjudications else None,
    )


def patterns(items: Iterable[Item], scores: Sequence[int]) -> RatingPatterns:
    """The ratings as they were given, in the categories of the scale, for agreement."""
    counts = Counter(tuple(item.votes.ratings.count(score) for score in scores) for item in items)
    table = np.array(list(counts), dtype=np.int64).reshape(-1, len(scores))
    return RatingPatterns(counts=table, multiplicity=np.array(list(counts.values()), dtype=np.int64))
