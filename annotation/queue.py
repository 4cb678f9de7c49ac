"""The queue: claim a slot under a lease, keep it by heartbeat, submit it once, give it back.

All of it in PostgreSQL, correct under any concurrency: a slot is locked with SKIP LOCKED, held by a partial unique
index, and filled by a judgment that is unique for its slot and for (comparison, annotator).
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotation import permissions
from annotation.models import Assignment
from preferences import lifecycle
from preferences.actions import events, guidelines, judgments, slots
from preferences.choices import AssignmentStatus, CampaignStatus, ComparisonStatus, Position, SlotStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Comparison, Judgment, Slot
from preferences.scales import Verdict, verdict_at

if TYPE_CHECKING:
    from webapp.accounts.models import User


RESERVED_FOR_AUTHOR = timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    """What the annotator clicked, in terms of left and right."""

    place: int  # 1 to the number of points, counted from strongest for the left response
    safety_left: int | None = None
    safety_right: int | None = None
    rationale: str = ""


def claim(*, campaign: Campaign, by: User) -> Assignment | None:
    """The annotator's active assignment of the campaign, else a new one; None when nothing is left for them."""
    permissions.check_can_judge(by, campaign)
    _check_open(campaign)
    _return_expired(campaign)
    with transaction.atomic():
        _one_tab_at_a_time(by)
        return _held(campaign, by) or _lease_next(campaign, by)


def claim_own(*, comparison: Comparison, by: User) -> Assignment:
    """The assignment by which the author of a live dialogue judges their own turn."""
    permissions.check_can_judge(by, comparison.campaign)
    if comparison.turn.dialogue.author_id != by.pk:
        raise NotAllowed("This comparison belongs to somebody else's dialogue.")
    _check_open(comparison.campaign)
    _return_expired(comparison.campaign)
    with transaction.atomic():
        _one_tab_at_a_time(by)
        return _taken(comparison, by) or _lease_of(comparison, by)


def _taken(comparison: Comparison, by: User) -> Assignment | None:
    """The author's assignment of the comparison, held or submitted."""
    return Assignment.objects.filter(
        comparison=comparison, annotator=by, status__in=[AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED]
    ).first()


def _lease_of(comparison: Comparison, by: User) -> Assignment:
    slot = _lockable(comparison.campaign).filter(comparison=comparison).first()
    if slot is None:
        raise Conflict("Others have judged this comparison already. Your prompt was used; go on with the next one.")
    return _lease(slot, by)


def _one_tab_at_a_time(by: User) -> None:
    # Two tabs of one person take turns, so that the second finds what the first holds.
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)


@transaction.atomic
def heartbeat(*, key: uuid.UUID, by: User) -> datetime:
    """Prolongs a lease while its annotator works; returns its new end."""
    assignment = _locked(key, by)
    if assignment.status != AssignmentStatus.ACTIVE:
        raise Conflict("This comparison is no longer yours: its lease ended. What you wrote is still on this page.")
    assignment.leased_until = timezone.now() + timedelta(seconds=assignment.comparison.campaign.lease_seconds)
    assignment.save(update_fields=["leased_until"])
    return assignment.leased_until


@transaction.atomic
def submit(*, key: uuid.UUID, by: User, answer: Answer) -> Judgment:
    """Records the answer. Sent again, it stores nothing and returns the judgment of the first time."""
    assignment = _locked(key, by)
    if assignment.judgment is not None:
        return assignment.judgment
    now = timezone.now()
    if assignment.status != AssignmentStatus.ACTIVE or assignment.leased_until < now:
        raise Conflict(
            "The time for this comparison ran out, and your answer was not stored. "
            "Copy what you want to keep, then start again from “My work”."
        )
    campaign = assignment.comparison.campaign
    permissions.check_can_judge(by, campaign)
    _check_open(campaign)
    guideline = guidelines.current(campaign)
    if guideline is None:
        raise Conflict(f"“{campaign}” has no guideline, so that no judgment can be stored. Tell its manager.")
    verdict = _on_record(verdict_at(campaign.the_scale, answer.place), assignment.left)
    judgment = judgments.record(
        slot=assignment.slot,
        by=by,
        verdict=verdict,
        shown_left=assignment.left,
        guideline=guideline,
        active_seconds=(now - assignment.created_at).total_seconds(),
        safety=_safety(answer, assignment.left),
        rationale=answer.rationale,
    )
    lifecycle.advance(assignment, AssignmentStatus.SUBMITTED, judgment=judgment)
    return judgment


@transaction.atomic
def release(*, key: uuid.UUID, by: User) -> None:
    """Gives the comparison back for somebody else."""
    assignment = _locked(key, by)
    if assignment.status == AssignmentStatus.RELEASED:  # a double click
        return
    lifecycle.advance(assignment, AssignmentStatus.RELEASED)
    slots.release(assignment.slot)
    events.record("assignment.released", assignment, by=by, campaign=assignment.comparison.campaign)


def _held(campaign: Campaign, by: User) -> Assignment | None:
    return Assignment.objects.filter(
        annotator=by,
        comparison__campaign=campaign,
        status=AssignmentStatus.ACTIVE,
        leased_until__gte=timezone.now(),
    ).first()


def _lease_next(campaign: Campaign, by: User) -> Assignment | None:
    held_or_given_back = Assignment.objects.filter(comparison=OuterRef("comparison"), annotator=by).exclude(
        status=AssignmentStatus.EXPIRED
    )
    judged = Judgment.objects.filter(comparison=OuterRef("comparison"), annotator=by)
    slot = (
        _lockable(campaign)
        .filter(~Exists(held_or_given_back), ~Exists(judged), _free_of_its_author())
        .exclude(comparison__turn__dialogue__author=by)
        .first()
    )
    return _lease(slot, by) if slot else None


def _free_of_its_author() -> Q:
    """A live dialogue's turn is its author's first, whose choice continues it; after a while it is everybody's."""
    dialogue = "comparison__turn__dialogue__author__isnull"
    answered = "comparison__turn__chosen_response__isnull"
    return (
        Q(**{dialogue: True})
        | Q(**{answered: False})
        | Q(comparison__created_at__lt=timezone.now() - RESERVED_FOR_AUTHOR)
    )


def _lockable(campaign: Campaign) -> QuerySet[Slot]:
    # Slots of a comparison lie side by side, so that the oldest comparison is finished first.
    return (
        Slot.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(campaign=campaign, status=SlotStatus.OPEN, comparison__status=ComparisonStatus.OPEN)
        .order_by("id")
    )


def _lease(slot: Slot, by: User) -> Assignment:
    now = timezone.now()
    slots.lease(slot)
    assignment = Assignment.objects.create(
        slot=slot,
        comparison_id=slot.comparison_id,
        annotator=by,
        shown_left=secrets.choice(list(Position)),
        created_at=now,
        leased_until=now + timedelta(seconds=slot.campaign.lease_seconds),
    )
    events.record("assignment.claimed", assignment, by=by, campaign=slot.campaign)
    return assignment


def _return_expired(campaign: Campaign) -> None:
    """Puts the slots of ended leases back. Each in its own transaction, skipping those that somebody works on."""
    over = Q(status=AssignmentStatus.ACTIVE, leased_until__lt=timezone.now(), comparison__campaign=campaign)
    for pk in Assignment.objects.filter(over).order_by("leased_until").values_list("pk", flat=True)[:50]:
        with transaction.atomic():
            locked = Assignment.objects.select_for_update(skip_locked=True, of=("self",)).select_related("slot")
            assignment = locked.filter(over, pk=pk).first()
            if assignment is None:
                continue
            lifecycle.advance(assignment, AssignmentStatus.EXPIRED)
            slots.release(assignment.slot)
            events.record("assignment.expired", assignment, by=None, campaign=campaign)


def _locked(key: uuid.UUID, by: User) -> Assignment:
    # The row alone: what a join brought in while waiting for the lock would be older than the row.
    assignment = Assignment.objects.select_for_update(no_key=True).filter(key=key).first()
    if assignment is None or assignment.annotator_id != by.pk:
        raise NotAllowed("There is no such work item.")
    return assignment


def _on_record(seen: Verdict, left: Position) -> Verdict:
    """The verdict in terms of A and B: left stood for A or for B."""
    return seen if left is Position.A else seen.mirrored()


def _safety(answer: Answer, left: Position) -> dict[Position, int] | None:
    if answer.safety_left is None and answer.safety_right is None:
        return None
    if answer.safety_left is None or answer.safety_right is None:
        raise InvalidInput("Give both responses a safety score from 1 to 5.", field="safety")
    return {left: answer.safety_left, left.other: answer.safety_right}


def _check_open(campaign: Campaign) -> None:
    if campaign.status != CampaignStatus.OPEN:
        raise Conflict(f"“{campaign}” is not open for work now. Nothing of yours was lost.")
