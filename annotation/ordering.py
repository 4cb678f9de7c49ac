"""Which comparison is next for somebody.

First those of a pool that is kept for them, then everybody's. Of these first what lacks least, which the number of an
open slot says; of the same number the oldest, but neither the prompt family nor, then, the category of the one just
before where another will do.

A person who is ahead of the others has judged what stands first. So that this costs them no more than it costs others,
the queue looks at the first few of the order, then at the first few that nobody has begun, and only then at everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from annotation.claimants import Claimant
from annotation.models import Assignment
from preferences.choices import AssignmentStatus, ComparisonStatus, Purpose, SlotStatus
from preferences.models import Campaign, Judgment, Slot

RESERVED_FOR_AUTHOR = timedelta(hours=1)
WINDOW = 64
ORDER = ("pool", "-number", "id")  # as the index slot_open; that a pool IS NULL does not tell PostgreSQL that it is one


def lockable(campaign: Campaign) -> QuerySet[Slot]:
    """Open slots that nobody is just taking."""
    return Slot.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        campaign=campaign, status=SlotStatus.OPEN, comparison__status=ComparisonStatus.OPEN
    )


def candidates(campaign: Campaign, claimant: Claimant) -> Iterator[QuerySet[Slot]]:
    """What to look at in turn until one is found; each in the order in which the person should get it."""
    theirs = suitable(lockable(campaign), claimant).filter(comparison__purpose=Purpose.COLLECTION)
    for pool in [*claimant.pools, None]:
        begun_first = first_of(campaign, pool)
        yield _ordered(theirs.filter(_within(begun_first)), claimant)
        if campaign.raters_per_item > 1:
            yield _ordered(theirs.filter(_within(begun_first.filter(number=0))), claimant)
        yield theirs.filter(pool=pool).order_by(*ORDER)


def is_anything_open(campaign: Campaign, claimant: Claimant) -> bool:
    """Whether something is open for the person, also what somebody else is taking at this moment."""
    open_now = Slot.objects.filter(
        Q(pool=None) | Q(pool__in=claimant.pools),
        campaign=campaign,
        status=SlotStatus.OPEN,
        comparison__status=ComparisonStatus.OPEN,
        comparison__purpose=Purpose.COLLECTION,
    )
    return suitable(open_now, claimant).exists()


class _AnyOf(Func):
    """`key = ANY (array)`: PostgreSQL reads the array first and then its few rows along the key.

    An `IN (SELECT …)` it joins in whatever order it holds for cheap, and with the written order it comes last.
    """

    arg_joiner = " = ANY ("
    template = "(%(expressions)s))"
    output_field = BooleanField()


def _within(slots: QuerySet[Slot]) -> _AnyOf:
    return _AnyOf(F("pk"), ArraySubquery(slots.values("pk")[:WINDOW]))


def first_of(campaign: Campaign, pool: int | None) -> QuerySet[Slot]:
    """The open slots of a pool in the queue's order, whoever asks."""
    return Slot.objects.filter(campaign=campaign, pool=pool, status=SlotStatus.OPEN).order_by(*ORDER)


def suitable(slots: QuerySet[Slot], claimant: Claimant) -> QuerySet[Slot]:
    """Without what the person holds, gave back, judged, wrote, had as gold, or never wants to see."""
    by = claimant.by
    held_or_given_back = Assignment.objects.filter(comparison=OuterRef("comparison"), annotator=by).exclude(
        status=AssignmentStatus.EXPIRED
    )
    judged = Judgment.objects.filter(comparison=OuterRef("comparison"), annotator=by)
    left = slots.filter(~Exists(held_or_given_back), ~Exists(judged), _free_of_its_author())
    left = left.exclude(comparison__turn__dialogue__author=by)
    if claimant.had_as_gold:
        left = left.exclude(comparison__in=claimant.had_as_gold)
    if claimant.opted_out:
        left = left.exclude(comparison__turn__prompt__risk_category__in=claimant.opted_out)
    return left


def _ordered(slots: QuerySet[Slot], claimant: Claimant) -> QuerySet[Slot]:
    prompt = "comparison__turn__prompt__"
    same_family = Q(**{f"{prompt}family": claimant.last_family})
    same_category = Q(**{f"{prompt}category": claimant.last_category}) | Q(
        **{f"{prompt}risk_category": claimant.last_category}
    )
    if not claimant.last_category:
        return slots.order_by(_last(same_family), *ORDER)
    return slots.order_by(_last(same_family), "-number", _last(same_category), "id")


def _last(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _free_of_its_author() -> Q:
    """A live dialogue's turn is its author's first, whose choice continues it; after a while it is everybody's."""
    return (
        Q(comparison__turn__dialogue__author__isnull=True)
        | Q(comparison__turn__chosen_response__isnull=False)
        | Q(comparison__created_at__lt=timezone.now() - RESERVED_FOR_AUTHOR)
    )
