"""A reviewer's own verdict: on one rating, which it corrects, or on the whole comparison, which it adjudicates.

It is a judgment of its own that fills no slot; the ratings stay as they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences.actions import events, judgments
from preferences.actions.judgments import Opinion
from preferences.choices import ComparisonStatus, JudgmentRole, Position, Source
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Comparison, Guideline, Judgment

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic(savepoint=False)
def correct(
    *, rating: Judgment, comparison: Comparison, by: User, opinion: Opinion, guideline: Guideline, active_seconds: float
) -> Judgment:
    """What the rating should have been. Call while holding the comparison's row lock, with its campaign loaded."""
    if rating.role != JudgmentRole.RATING or rating.source == Source.IMPORTED:
        raise Conflict(_("Only an annotator's own verdict, given here, can be corrected."))
    shown_left = Position(rating.shown_left)
    opinion = judgments.checked(comparison.campaign, opinion, shown_left)
    if judgments.says(rating, opinion):
        raise InvalidInput(_("This is the verdict as it was given. Change what is wrong in it, or approve it."))
    correction = _ruling(JudgmentRole.CORRECTION, comparison, by, opinion, shown_left, guideline, active_seconds)
    correction.corrects = rating
    judgments.insert(correction)
    events.record("judgment.corrected", rating, by=by, campaign=comparison.campaign, correction=correction.pk)
    return correction


@transaction.atomic(savepoint=False)
def adjudicate(
    *,
    comparison: Comparison,
    by: User,
    opinion: Opinion,
    shown_left: Position,
    guideline: Guideline,
    active_seconds: float,
) -> Judgment:
    """The verdict of a comparison that has all its ratings.

    Call while holding the comparison's row lock, with its campaign loaded.
    """
    if comparison.status == ComparisonStatus.OPEN:
        raise Conflict(_("This comparison still waits for a rating; it is adjudicated once it has all of them."))
    opinion = judgments.checked(comparison.campaign, opinion, shown_left)
    ruling = _ruling(JudgmentRole.ADJUDICATION, comparison, by, opinion, shown_left, guideline, active_seconds)
    judgments.insert(ruling)
    events.record("comparison.adjudicated", comparison, by=by, campaign=comparison.campaign, judgment=ruling.pk)
    return ruling


def _ruling(
    role: JudgmentRole,
    comparison: Comparison,
    by: User,
    opinion: Opinion,
    shown_left: Position,
    guideline: Guideline,
    active_seconds: float,
) -> Judgment:
    judgments.check_revisable(comparison)
    _check_has_no_word(comparison, by)
    return Judgment(
        role=role,
        comparison=comparison,
        annotator=by,
        guideline=guideline,
        shown_left=shown_left,
        active_seconds=active_seconds,
        created_at=timezone.now(),
        **judgments.fields_of(opinion),
    )


def _check_has_no_word(comparison: Comparison, by: User) -> None:
    """A person's word on a comparison counts once, as a rating, a correction or an adjudication."""
    roles = set(Judgment.objects.filter(comparison=comparison, annotator=by).values_list("role", flat=True))
    if JudgmentRole.RATING in roles:
        raise NotAllowed(_("You rated this comparison yourself; another reviewer looks at it."))
    if roles:
        raise Conflict(
            _("You have given a verdict of your own on this comparison already. Approve or return, or leave it.")
        )
