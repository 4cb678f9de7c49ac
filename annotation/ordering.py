"""Which comparison is next for somebody.

First those of a pool that is kept for them, then everybody's. Of these first what lacks least, which the number of an
open slot says; of the same number the oldest, but neither the prompt family nor, then, the category of the one just
before where another will do.

A person who is ahead of the others has judged what stands first. So that this costs them no more than it costs others,
the queue looks at the first few of the order, then at the first few that nobody has begun, and only then at everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from annotation.claimants import Claimant
from annotation.models import Assignment
from preferences.choices import AssignmentStatus, ComparisonStatus, Purpose, SlotStatus
from preferences.models import Campaign, Judgment, Slot
from preferences.planner import any_of
from preferences.prepared import Given

RESERVED_FOR_AUTHOR = timedelta(hours=1)
WINDOW = 64
ORDER = ("pool", "-number", "id")  # as the index slot_open; that a pool IS NULL does not tell PostgreSQL that it is one


class Part(Enum):
    """Of the queue, in the order in which they are looked at."""

    FIRST = auto()
    NOT_BEGUN = auto()
    EVERYTHING = auto()


@dataclass(frozen=True)
class Look:
    """All that the text of a look's query depends on; what else differs is a value in it."""

    part: Part
    is_of_pool: bool
    is_after_category: bool  # whether the prompt just before had one


GIVEN: Mapping[str, Any] = {
    "by": Given("by", BigIntegerField()),
    "campaign": Given("campaign", BigIntegerField()),
    "pool": Given("pool", BigIntegerField()),
    "family": Given("family", CharField()),
    "category": Given("category", CharField()),
    "had_as_gold": Given("had_as_gold", ArrayField(BigIntegerField())),
    "opted_out": Given("opted_out", ArrayField(CharField())),
    "reserved_since": Given("reserved_since", DateTimeField()),
}


def lockable(campaign: Campaign) -> QuerySet[Slot]:
    """Open slots that nobody is just taking."""
    return Slot.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        campaign=campaign, status=SlotStatus.OPEN, comparison__status=ComparisonStatus.OPEN
    )


def looks(campaign: Campaign, claimant: Claimant) -> Iterator[tuple[Look, dict[str, Any]]]:
    """Where to look in turn until one is found, and the values that the query of each look takes."""
    values = {
        "by": claimant.by.pk,
        "campaign": campaign.pk,
        "family": claimant.last_family,
        "category": claimant.last_category,
        "had_as_gold": claimant.had_as_gold,
        "opted_out": claimant.opted_out,
        "reserved_since": _reserved_since(),
    }
    for pool in [*claimant.pools, None]:
        for part in Part:
            if part is Part.NOT_BEGUN and campaign.raters_per_item == 1:
                continue
            look = Look(
                part=part,
                is_of_pool=pool is not None,
                is_after_category=bool(claimant.last_category),
            )
            yield look, {**values, "pool": pool}


def candidates(look: Look, values: Mapping[str, Any] = GIVEN) -> QuerySet[Slot]:
    """What the look finds, in the order in which the person should get it."""
    pool = values["pool"] if look.is_of_pool else None
    theirs = suitable(
        lockable(values["campaign"]),
        by=values["by"],
        had_as_gold=values["had_as_gold"],
        opted_out=values["opted_out"],
        reserved_since=values["reserved_since"],
        are_few=look.part is not Part.EVERYTHING,
    ).filter(comparison__purpose=Purpose.COLLECTION)
    if look.part is Part.EVERYTHING:
        return theirs.filter(pool=pool).order_by(*ORDER)
    begun_first = first_of(values["campaign"], pool)
    if look.part is Part.NOT_BEGUN:
        begun_first = begun_first.filter(number=0)
    category = values["category"] if look.is_after_category else None
    return _ordered(theirs.filter(_within(begun_first)), values["family"], category)


def is_anything_open(campaign: Campaign, claimant: Claimant) -> bool:
    """Whether something is open for the person, also what somebody else is taking at this moment."""
    open_now = Slot.objects.filter(
        Q(pool=None) | Q(pool__in=claimant.pools),
        campaign=campaign,
        status=SlotStatus.OPEN,
        comparison__status=ComparisonStatus.OPEN,
        comparison__purpose=Purpose.COLLECTION,
    )
    return suitable(
        open_now,
        by=claimant.by.pk,
        had_as_gold=claimant.had_as_gold,
        opted_out=claimant.opted_out,
        reserved_since=_reserved_since(),
    ).exists()


def _within(slots: QuerySet[Slot]) -> Func:
    # Read first, and then its few rows along the key. An `IN (SELECT …)` PostgreSQL joins in whatever order it holds
    # for cheap, and with the written order it comes last.
    return any_of("pk", ArraySubquery(slots.values("pk")[:WINDOW]))


def first_of(campaign: Campaign, pool: int | None) -> QuerySet[Slot]:
    """The open slots of a pool in the queue's order, whoever asks."""
    return Slot.objects.filter(campaign=campaign, pool=pool, status=SlotStatus.OPEN).order_by(*ORDER)


def suitable(
    slots: QuerySet[Slot],
    *,
    by: Any,
    had_as_gold: list[int],
    opted_out: list[str],
    reserved_since: datetime,
    are_few: bool = False,
) -> QuerySet[Slot]:
    """Without what the person holds, gave back, judged, wrote, had as gold, or never wants to see."""
    given = Assignment.objects.filter(comparison=OuterRef("comparison")).exclude(status=AssignmentStatus.EXPIRED)
    judged = Judgment.objects.filter(comparison=OuterRef("comparison"))
    if are_few:
        # By the rows of each comparison, never by all of the person, which PostgreSQL may take to be as few.
        whose = ExpressionWrapper(F("annotator") + 0, output_field=BigIntegerField())
        mine: Q = Q(whose=by)
        given, judged = given.alias(whose=whose), judged.alias(whose=whose)
    else:
        mine = Q(annotator=by)
    left = slots.filter(~Exists(given.filter(mine)), ~Exists(judged.filter(mine)), _free_of_its_author(reserved_since))
    return left.filter(
        ~any_of("comparison", had_as_gold), ~any_of("comparison__turn__prompt__risk_category", opted_out, of=CharField)
    ).exclude(comparison__turn__dialogue__author=by)


def _ordered(slots: QuerySet[Slot], family: Any, category: Any) -> QuerySet[Slot]:
    prompt = "comparison__turn__prompt__"
    same_family = Q(**{f"{prompt}family": family})
    if category is None:
        return slots.order_by(_last(same_family), *ORDER)
    same_category = Q(**{f"{prompt}category": category}) | Q(**{f"{prompt}risk_category": category})
    return slots.order_by(_last(same_family), "-number", _last(same_category), "id")


def _last(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _reserved_since() -> datetime:
    return timezone.now() - RESERVED_FOR_AUTHOR


def _free_of_its_author(reserved_since: datetime) -> Q:
    """A live dialogue's turn is its author's first, whose choice continues it; after a while it is everybody's."""
    return (
        Q(comparison__turn__dialogue__author__isnull=True)
        | Q(comparison__turn__chosen_response__isnull=False)
        | Q(comparison__created_at__lt=reserved_since)
    )
