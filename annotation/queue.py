"""The queue: claim a comparison, submit it once, revise it, give it back, take it back.

All of it in PostgreSQL and correct under any concurrency (`annotation/leases.py`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import caps, claimants, gold, leases, mixing, permissions, returned_work, sessions
from annotation.answers import Answer as Answer
from annotation.answers import opinion_of
from annotation.leases import LeaseLost
from annotation.models import Assignment
from annotation.returned_work import FeedbackUnread
from annotation.visibility import with_sight
from preferences import lifecycle
from preferences import text as texts
from preferences.actions import events, judgments, slots
from preferences.choices import AssignmentStatus, Position, Purpose, SkipReason
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Comparison, Guideline, Judgment

if TYPE_CHECKING:
    from webapp.accounts.models import User

SKIP_NOTE_LIMIT = 500


class GuidelineUnread(Conflict):
    """The guideline has a version that this annotator has not read."""

    code = "guideline_unread"


@dataclass(frozen=True)
class Submitted:
    judgment: Judgment
    following: Assignment | None  # the next comparison, already leased
    is_live: bool  # the author judged their own turn, so that the dialogue comes next and not the queue


def claim(*, campaign: Campaign, by: User) -> Assignment | None:
    """The annotator's active assignment of the campaign, else a new one; None when nothing is left for them."""
    with transaction.atomic():
        claimant = claimants.at_work(by, campaign)
        leases.check_open(campaign)
        if claimant.has_returned:
            returned_work.check_nothing_returned(by, campaign)
        found = leases.mine(campaign, claimant)
        if found is None and not caps.reached(campaign, by):
            found = leases.lease_next(campaign, claimant)
        if found is not None:
            sessions.move(by=by, campaign=campaign, seen=sessions.seen_in(claimant.session))
    if found is None and leases.return_expired():
        return claim(campaign=campaign, by=by)
    return found


def following(campaign: Campaign, user: User) -> Assignment | None:
    """What to work on after something was stored or given back; None also where the person may work no more."""
    try:
        return claim(campaign=campaign, by=user)
    except (leases.NotOpen, NotAllowed, FeedbackUnread):
        # A manager paused or closed the campaign, or took the person out of it, or a reviewer returned work, while
        # they held a comparison. What they sent is stored all the same, and an error would tell them that it is not.
        return None


def claim_own(*, comparison: Comparison, by: User) -> Assignment:
    """The assignment by which the author of a live dialogue judges their own turn."""
    if comparison.turn.dialogue.author_id != by.pk:
        raise NotAllowed(_("This comparison belongs to somebody else's dialogue."))
    leases.return_expired()
    with transaction.atomic():
        claimants.at_work(by, comparison.campaign)
        leases.check_open(comparison.campaign)
        returned_work.check_nothing_returned(by, comparison.campaign)
        found = _taken(comparison, by)
        if found is None:
            caps.check(comparison.campaign, by)
            found = leases.lease_of(comparison, by)
        sessions.move(by=by, campaign=comparison.campaign)
    if found is None:
        raise Conflict(_("Others have judged this comparison already. Your prompt was used; go on with the next one."))
    return found


@transaction.atomic
def submit(*, key: uuid.UUID, by: User, answer: Answer) -> Judgment:
    """Records the answer. Sent again, it stores nothing and returns the judgment of the first time."""
    return _submit(leases.locked(key, by), by, answer)


@transaction.atomic
def submit_and_claim(*, key: uuid.UUID, by: User, answer: Answer) -> Submitted:
    """Records the answer and hands back the next comparison, in one transaction."""
    with events.together():
        return _submit_and_claim(leases.locked(key, by), by, answer)


def _submit_and_claim(assignment: Assignment, by: User, answer: Answer) -> Submitted:
    sent_before = assignment.judgment_id is not None
    judgment = _submit(assignment, by, answer)
    comparison = assignment.comparison
    if comparison.turn.dialogue.author_id == by.pk:
        return Submitted(judgment, None, is_live=True)
    if asks_edit(judgment) or assignment.returned:
        return Submitted(judgment, None, is_live=False)
    # Who sends again what is stored may be paused meanwhile; who holds this one may have a pass that has ended.
    if not leases.may_go_on(assignment):
        return Submitted(judgment, None, is_live=False)
    following, claimant = None, claimants.claimant(by, assignment.annotator, assignment)
    if assignment.other or sent_before:  # read anew: both may be older than the lock that was waited for
        following = leases.mine(comparison.campaign, claimant)
    if following is None and not caps.reached(comparison.campaign, by):
        following = leases.lease_next(comparison.campaign, claimant)
    return Submitted(judgment, following, is_live=False)


def asks_edit(judgment: Judgment) -> bool:
    """Whether the chosen response is to be improved before the next comparison is leased."""
    return judgment.comparison.campaign.asks_edit and judgment.chosen in Position.values


@transaction.atomic
def revise(*, key: uuid.UUID, by: User, answer: Answer, revision: int) -> Judgment:
    """Changes the annotator's own verdict, until its batch is sealed; `revision` is the one that they saw."""
    assignment = leases.locked(key, by)
    judgment = _submitted(assignment)
    campaign = assignment.comparison.campaign
    _check_may(assignment)
    _check_revisable(judgment, assignment.comparison)
    opinion = opinion_of(campaign, answer, assignment.left)
    if judgment.revision != revision and not judgments.says(judgment, opinion):
        raise Conflict(
            _("You changed this verdict in another window meanwhile. What is stored is shown below; change it again.")
        )
    sessions.count_work(assignment, by)
    before = judgment.revision
    judgments.revise(
        judgment=judgment,
        comparison=assignment.comparison,
        by=by,
        opinion=opinion,
        guideline=_read_guideline(assignment),
    )
    if judgment.revision != before:
        returned_work.note_revision(judgment, assignment.comparison, by=by)
    return judgment


@transaction.atomic
def edit_chosen(*, key: uuid.UUID, by: User, text: str, pasted: int | None = None) -> Judgment:
    """Stores the response that the annotator chose as they improved it."""
    assignment = leases.locked(key, by)
    judgment = _submitted(assignment)
    _check_may(assignment)
    _check_revisable(judgment, assignment.comparison)
    judgments.edit_chosen(judgment=judgment, comparison=assignment.comparison, by=by, text=text, pasted=pasted)
    sessions.count_work(assignment, by)
    return judgment


@transaction.atomic
def skip(*, key: uuid.UUID, by: User, reason: str, note: str = "") -> None:
    """Gives the comparison back for somebody else, and says why."""
    if reason not in SkipReason.values:
        raise InvalidInput(_("Choose why you skip it; then it goes to somebody else."), field="reason")
    note = texts.checked(note, what=_("The note"), limit=SKIP_NOTE_LIMIT, field="note", empty=True)
    assignment = leases.locked(key, by)
    if assignment.status == AssignmentStatus.RELEASED:  # a double click
        return
    if assignment.status != AssignmentStatus.ACTIVE:
        raise LeaseLost(_lost())
    lifecycle.advance(assignment, AssignmentStatus.RELEASED, skip_reason=reason, skip_note=note)
    slots.release(assignment.slot)
    events.record(
        "assignment.skipped", assignment, by=by, campaign=assignment.comparison.campaign, reason=reason, note=note
    )


def reclaim(*, key: uuid.UUID, by: User) -> Assignment:
    """Takes up again what was lost or given back; LeaseLost where others have all its slots."""
    leases.return_expired()
    with transaction.atomic():
        assignment = leases.locked(key, by)
        _check_may(assignment)
        leases.check_open(assignment.comparison.campaign)
        found = _taken(assignment.comparison, by)
        if found is None:
            permissions.check_can_judge(assignment.annotator, assignment.comparison.campaign)
            returned_work.check_nothing_returned(by, assignment.comparison.campaign)
            caps.check(assignment.comparison.campaign, by)
            found = leases.lease_of(assignment.comparison, by)
        sessions.worked(assignment, by)
    if found is None:
        raise LeaseLost(
            _("Others have taken this comparison meanwhile. What you wrote is kept as a draft; copy what you need.")
        )
    return found


def _taken(comparison: Comparison, by: User) -> Assignment | None:
    """The person's assignment of the comparison, held or submitted."""
    theirs = Assignment.objects.filter(comparison=comparison, annotator=by)
    taken = theirs.filter(status__in=[AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED])
    return with_sight(taken, by).first()


def _submit(assignment: Assignment, by: User, answer: Answer) -> Judgment:
    if assignment.judgment_id is not None:
        return _sent_before(assignment, answer)
    _check_may(assignment)
    now = timezone.now()
    if assignment.status != AssignmentStatus.ACTIVE or assignment.leased_until < now:
        raise LeaseLost(_lost())
    leases.check_open(assignment.comparison.campaign)
    seconds = assignment.active_seconds + sessions.worked(assignment, by)
    judgment = judgments.record(
        slot=assignment.slot,
        comparison=assignment.comparison,
        by=by,
        opinion=opinion_of(assignment.comparison.campaign, answer, assignment.left),
        shown_left=assignment.left,
        guideline=_read_guideline(assignment),
        active_seconds=seconds,
    )
    lifecycle.advance(assignment, AssignmentStatus.SUBMITTED, judgment=judgment, active_seconds=seconds, beaten_at=now)
    if assignment.comparison.purpose == Purpose.GOLD and gold.look_at(judgment):
        assignment.may = False
    return judgment


def _sent_before(assignment: Assignment, answer: Answer) -> Judgment:
    """The judgment of the first time; Conflict where this answer says something else."""
    judgment = _submitted(assignment)
    opinion = opinion_of(assignment.comparison.campaign, answer, assignment.left)
    if not judgments.says(judgment, opinion):
        raise Conflict(
            _("You gave another verdict in another window, and that one is stored. Send this one to change it.")
        )
    return judgment


def _submitted(assignment: Assignment) -> Judgment:
    """Read on its own: what the locking query joined may be older than the lock."""
    judgments_of = Judgment.objects.select_related("edited_response").filter(comparison=assignment.comparison_id)
    judgment = judgments_of.filter(annotator=assignment.annotator_id).first()
    if judgment is None:
        raise Conflict(_("You have not judged this comparison yet."))
    judgment.comparison = assignment.comparison
    return judgment


def _lost() -> str:
    return _("The time for this comparison ran out before your answer came, so it was not stored. It is kept here.")


def _check_may(assignment: Assignment) -> None:
    if not leases.may(assignment):
        permissions.check_can_judge(assignment.annotator, assignment.comparison.campaign)


def _check_revisable(judgment: Judgment, comparison: Comparison) -> None:
    if mixing.is_sealed(judgment, comparison):
        raise judgments.sealed()
    judgments.check_revisable(comparison)


def _read_guideline(assignment: Assignment) -> Guideline:
    """The current version, which the annotator must have read."""
    campaign = assignment.comparison.campaign
    if assignment.guideline is None:
        raise Conflict(
            _("“%(campaign)s” has no guideline, so that no judgment can be stored. Tell its manager.")
            % {"campaign": campaign}
        )
    if assignment.guideline_read != assignment.guideline:
        raise GuidelineUnread(
            _("The guideline has a new version. Read it, then send your answer again; all that you chose is kept.")
        )
    return Guideline.from_db(None, ["id"], [assignment.guideline])  # the rest is read if somebody asks for it
