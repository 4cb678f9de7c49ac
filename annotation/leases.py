"""Leases: a slot held by one annotator until a moment, and everything that moves one.

A slot is locked with SKIP LOCKED, held by a partial unique index, and filled by a judgment that is unique for its slot
and for (comparison, annotator), so that the numbers hold under any concurrency.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import claimants, mixing, ordering, permissions
from annotation.claimants import Claimant
from annotation.models import Assignment
from annotation.ordering import Look, Part
from annotation.visibility import position_left, with_sight
from preferences import lifecycle
from preferences.actions import events, slots
from preferences.choices import AssignmentStatus, CampaignStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Comparison, Guideline, Slot
from preferences.planner import any_of
from preferences.prepared import Given, Kept, Prepared

if TYPE_CHECKING:
    from webapp.accounts.models import User

EXPIRED_AT_ONCE = 50
LOOKS, BETWEEN_LOOKS = 20, 0.05  # seconds; how long a claim waits for claims beside it
GIVEN: Mapping[str, Any] = {
    "key": Given("key", UUIDField()),
    "by": Given("by", BigIntegerField()),
    "now": Given("now", DateTimeField()),
}


class LeaseLost(Conflict):
    """The time for a comparison ran out before its answer came."""

    code = "lease_lost"
    version = ""  # of the draft that was kept with it


class NotOpen(Conflict):
    """The campaign is not open for work now."""

    code = "not_open"


def until(campaign: Campaign, now: datetime) -> datetime:
    return now + timedelta(seconds=campaign.lease_seconds)


def alone(by: User) -> User:
    """The person's row, held, so that two tabs of one person take turns."""
    return get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)


def locked(key: uuid.UUID, by: User) -> Assignment:
    """The assignment with its comparison and its annotator, all three rows held, and what a submit must know.

    `may`: whether the person may judge in the campaign; `guideline`: the id of the current version; `guideline_read`:
    the same, if they have read it; `other`: the key of another comparison of the campaign that the person holds;
    `session`: their running work session; `returned`: whether work of theirs in the campaign came back from a reviewer.
    Of the rows that are joined but not held, one changed by whoever held ours before may be seen as it was; whether
    the person may is asked again where their standing changed.
    """
    assignment = prepared_lock().first({"key": key, "by": by.pk, "now": timezone.now()})
    if assignment is None or assignment.annotator_id != by.pk:
        raise NotAllowed(_("There is no such work item."))
    if assignment.annotator.standing != by.standing:
        assignment.may = permissions.can_judge(assignment.annotator, assignment.comparison.campaign)
    return assignment


def rows_to_lock(values: Mapping[str, Any] = GIVEN) -> QuerySet[Assignment]:
    """What `locked` asks for. The one query is what keeps submit-and-next within its budget."""
    by = values["by"]
    versions = Guideline.objects.filter(campaign=OuterRef("comparison__campaign")).order_by("-version")
    read = versions.filter(readings__annotator=by).values("pk")
    others = (
        held(by, at=values["now"])
        .filter(comparison__campaign=OuterRef("comparison__campaign"))
        .exclude(pk=OuterRef("pk"))
    )
    facts: dict[str, Any] = {
        "guideline": Subquery(versions.values("pk")[:1]),
        "guideline_read": Subquery(read[:1]),
        "other": Subquery(others.values("key")[:1]),
        **claimants.facts(OuterRef("comparison__campaign"), by, values["now"]),
    }
    rows = Assignment.objects.select_for_update(no_key=True, of=("self", "comparison", "annotator")).select_related(
        "slot", "annotator__care", "comparison__campaign", "comparison__turn__dialogue"
    )
    return rows.filter(key=values["key"]).annotate(**facts).order_by("pk")[:1]


@cache
def prepared_lock() -> Prepared[Assignment]:
    """The query of `locked`; its values are those of GIVEN. Call inside a transaction."""
    return Prepared(rows_to_lock())


def may(assignment: Assignment) -> bool:
    """Whether its holder may send it, claimed while qualified; the row comes from `locked`."""
    campaign, claimed_at = assignment.comparison.campaign, assignment.created_at
    return assignment.may or permissions.can_judge(assignment.annotator, campaign, at=claimed_at)


def may_go_on(assignment: Assignment) -> bool:
    """Whether its holder may also claim another one."""
    return assignment.may or permissions.can_judge(assignment.annotator, assignment.comparison.campaign)


def held(by: User, *, at: datetime | None = None) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        annotator=by, status=AssignmentStatus.ACTIVE, leased_until__gte=at or timezone.now()
    )


def mine(campaign: Campaign, claimant: Claimant) -> Assignment | None:
    """What the person holds of the campaign, with all that its page shows; what they opted out of meanwhile is left
    until its time ends. Call inside a transaction."""
    now = timezone.now()
    values = {"by": claimant.by.pk, "campaign": campaign.pk, "now": now, "opted_out": claimant.opted_out}
    return prepared_mine().first(values)


def rows_held(values: Mapping[str, Any] = {**claimants.GIVEN, **ordering.GIVEN}) -> QuerySet[Assignment]:
    """What `mine` asks for."""
    theirs = held(values["by"], at=values["now"]).filter(
        ~any_of("comparison__turn__prompt__risk_category", values["opted_out"], of=CharField),
        comparison__campaign=values["campaign"],
    )
    return with_sight(theirs, values["by"]).order_by("pk")[:1]


@cache
def prepared_mine() -> Prepared[Assignment]:
    """The query of `mine`. Call inside a transaction."""
    return Prepared(rows_held())


def lease_next(campaign: Campaign, claimant: Claimant) -> Assignment | None:
    """The next comparison for the annotator, leased; None when nothing is left for them."""
    for _look in range(LOOKS):
        for look, values in ordering.looks(campaign, claimant):
            if slot := prepared_look(look).first(values):
                # What is hidden comes in the place of other work: alone, it would be known by that.
                return lease(mixing.hidden(campaign, claimant) or slot, claimant.by)
        if not ordering.is_anything_open(campaign, claimant):
            return None
        # Others are just taking what is open; as they do, it opens what waits for it.
        time.sleep(BETWEEN_LOOKS)
    return None


def lease_of(comparison: Comparison, by: User) -> Assignment | None:
    """An open slot of this comparison, leased; None where every one is held or filled."""
    slot = first_of(ordering.lockable(comparison.campaign).filter(comparison=comparison).order_by("id"), by).first()
    return lease(slot, by) if slot else None


@cache
def prepared_look(look: Look) -> Kept[Slot]:
    """The query of a look; its values are those of `ordering.looks`. Call inside a transaction."""
    # Two read so many slots at most; how to read all of them depends on how many suit the person.
    kind = Kept if look.part is Part.EVERYTHING else Prepared
    return kind(first_of(ordering.candidates(look), ordering.GIVEN["by"]))


def first_of(open_slots: QuerySet[Slot], by: User) -> QuerySet[Slot]:
    """The first of them, locked, with all that its page shows."""
    # Chosen and locked by a query inside the one that reads what the page shows: PostgreSQL plans two short joins in
    # less time than one long one, and planning is most of what it does here.
    chosen = Slot.objects.filter(pk=Subquery(open_slots.values("pk")[:1]))
    return with_sight(chosen, by).order_by("pk")[:1]


def lease(slot: Slot, by: User) -> Assignment:
    now = timezone.now()
    slot.campaign = campaign = slot.comparison.campaign
    slots.lease(slot)
    assignment = Assignment.objects.create(
        slot=slot,
        comparison=slot.comparison,
        annotator=by,
        shown_left=position_left(slot.comparison, by),
        created_at=now,
        beaten_at=now,
        leased_until=until(campaign, now),
    )
    assignment.seen = slot.seen
    events.record("assignment.claimed", assignment, by=by, campaign=campaign)
    return assignment


def return_expired() -> int:
    """Puts the slots of ended leases back, each in its own transaction; skips those that somebody works on."""
    over = Q(status=AssignmentStatus.ACTIVE, leased_until__lt=timezone.now())
    returned = 0
    for pk in Assignment.objects.filter(over).order_by("leased_until").values_list("pk", flat=True)[:EXPIRED_AT_ONCE]:
        with transaction.atomic():
            rows = Assignment.objects.select_for_update(skip_locked=True, of=("self",))
            assignment = rows.select_related("slot", "comparison__campaign").filter(over, pk=pk).first()
            if assignment is None:
                continue
            _end(assignment, "assignment.expired", by=None)
            returned += 1
    return returned


def take_back(*, user: User, campaign: Campaign | None, by: User | None) -> None:
    """Ends the person's leases at once, of one campaign or of all; call inside the transaction that stops their work.

    The caller holds the person's row, with a new standing. A lease that is locked at this moment is in the hands of a
    submit that waits for that row and will be refused: it is skipped here, and ended after the commit.
    """
    theirs = Assignment.objects.filter(annotator=user, status=AssignmentStatus.ACTIVE)
    if campaign is not None:
        theirs = theirs.filter(comparison__campaign=campaign)
    _take_back(theirs, by)


def take_back_from(*, comparisons: Iterable[int], by: User | None) -> None:
    """Ends the leases of these comparisons, of whoever holds them; call with the comparisons' rows held."""
    _take_back(Assignment.objects.filter(comparison__in=comparisons, status=AssignmentStatus.ACTIVE), by)


def _take_back(found: QuerySet[Assignment], by: User | None) -> None:
    found = found.select_related("slot", "comparison__campaign").order_by("pk")
    for assignment in found.select_for_update(skip_locked=True, of=("self",)):
        _end(assignment, "assignment.taken_back", by=by)

    def end_the_rest() -> None:
        with transaction.atomic():
            for assignment in found.select_for_update(of=("self",)):
                _end(assignment, "assignment.taken_back", by=by)

    transaction.on_commit(end_the_rest, robust=True)


def _end(assignment: Assignment, verb: str, *, by: User | None) -> None:
    lifecycle.advance(assignment, AssignmentStatus.EXPIRED)
    slots.release(assignment.slot)
    events.record(verb, assignment, by=by, campaign=assignment.comparison.campaign)


def check_open(campaign: Campaign) -> None:
    if campaign.status != CampaignStatus.OPEN:
        raise NotOpen(_("“%(campaign)s” is not open for work now. Nothing of yours was lost.") % {"campaign": campaign})
