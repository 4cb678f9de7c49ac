"""What came of a red-team campaign: violating prompts for each hour of work (γ), and what they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from preferences.models import Campaign, Prompt, RedTeamReport, Turn
from preferences.stats import Interval, rate
from preferences.weeks import week_of

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Attempt:
    """One reported dialogue."""

    variant: str
    iteration: str
    at: datetime
    author: int
    turns: int  # that were answered
    violating: int  # of these
    seconds: float  # of work on its prompts and its report
    risk_categories: list[str]
    attack_vectors: list[str]
    degree: int


@dataclass(frozen=True)
class Gamma:
    """γ of Llama 2, section 4.3: prompts that led to a violation, for each person and hour."""

    attempts: int
    people: int
    prompts: int
    violating: int
    hours: float
    rate: Interval


def attempts(campaign: Campaign) -> list[Attempt]:
    """The reported dialogues, oldest first; what is not reported yet counts with neither its time nor its prompts."""
    answered = Turn.objects.filter(dialogue=OuterRef("dialogue"), chosen_response__isnull=False).order_by("index")
    written = Prompt.objects.filter(turns__dialogue=OuterRef("dialogue")).order_by().values("turns__dialogue")
    writing = Subquery(written.annotate(all=Sum("active_seconds")).values("all"))
    rows = RedTeamReport.objects.filter(dialogue__campaign=campaign).annotate(
        variant=Subquery(answered.values("chosen_response__variant__name")[:1]),
        iteration=Subquery(answered.values("chosen_response__variant__iteration")[:1]),
        at=F("created_at"),
        author=F("dialogue__author"),
        turns=Count("dialogue__turns__chosen_response"),
        found=F("violating__len"),
        seconds=F("active_seconds") + Coalesce(writing, 0.0),
    )
    fields = ("variant", "iteration", "at", "author", "turns", "seconds", "risk_categories", "attack_vectors", "degree")
    return [
        Attempt(violating=row.pop("found"), **row) for row in rows.order_by("pk").values(*fields, "found").iterator()
    ]


def gamma(found: Iterable[Attempt]) -> Gamma:
    """With Garwood's interval, as if violations came one by one and independently; those of one dialogue do not."""
    found = list(found)
    hours = sum(one.seconds for one in found) / SECONDS_AN_HOUR
    violating = sum(one.violating for one in found)
    return Gamma(
        attempts=len(found),
        people=len({one.author for one in found}),
        prompts=sum(one.turns for one in found),
        violating=violating,
        hours=hours,
        rate=rate(violating, hours),
    )


def by_variant(found: Iterable[Attempt]) -> dict[tuple[str, str], Gamma]:
    """By iteration and name."""
    return _grouped(found, lambda one: (one.iteration, one.variant))


def by_week(found: Iterable[Attempt], campaign: Campaign) -> dict[str, Gamma]:
    """By the ISO week of the report, in the campaign's time zone, newest first."""
    weeks = _grouped(found, lambda one: week_of(one.at, campaign.time_zone))
    return dict(sorted(weeks.items(), reverse=True))


def _grouped(found: Iterable[Attempt], key: Callable[[Attempt], Any]) -> dict[Any, Gamma]:
    groups: dict[Any, list[Attempt]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: gamma(groups[name]) for name in sorted(groups)}


def lengths(found: Iterable[Attempt]) -> dict[int, int]:
    """How many dialogues had so many answered turns."""
    return dict(sorted(Counter(one.turns for one in found).items()))
