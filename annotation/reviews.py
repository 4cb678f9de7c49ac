"""Reviews: a reviewer takes one, and approves, corrects, returns or adjudicates it.

Who decides holds the comparison's row, as who revises does: of the two, one sees what the other did.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import leases, permissions, review_draws
from annotation.answers import Answer, opinion_of
from annotation.care import care_of
from annotation.models import Membership, Review, Role
from annotation.models.reviews import OPEN
from annotation.visibility import position_left
from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, events, rulings
from preferences.choices import ComparisonStatus, JudgmentRole, Position, ReviewStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Comparison, Guideline, Judgment

if TYPE_CHECKING:
    from webapp.accounts.models import User

HOLD = timedelta(minutes=15)
FEEDBACK_LIMIT = 10_000


class ReviewLost(Conflict):
    """Somebody else has the review, or has decided it."""

    code = "review_lost"


class ChangedMeanwhile(Conflict):
    """The annotator changed the verdict while the reviewer looked."""

    code = "changed_meanwhile"


@transaction.atomic
def take(*, campaign: Campaign, by: User) -> Review | None:
    """The review that the person holds, else the next one, held for a while; None where nothing waits for them."""
    permissions.check_can_review(by, campaign)
    leases.alone(by)
    now = timezone.now()
    mine = waiting(campaign).filter(reviewer=by, held_until__gte=now).first()
    if mine is not None:
        return mine
    free = takeable(campaign, by, now).select_for_update(skip_locked=True, of=("self",))
    review = free.order_by("pk").first()
    if review is None:
        return None
    review.reviewer, review.taken_at, review.held_until = by, now, now + HOLD
    review.save(update_fields=["reviewer", "taken_at", "held_until"])
    events.record("review.taken", review, by=by, campaign=campaign)
    return review


def waiting(campaign: Campaign) -> QuerySet[Review]:
    return Review.objects.filter(campaign=campaign, status=ReviewStatus.WAITING)


def takeable(campaign: Campaign, by: User, now: datetime) -> QuerySet[Review]:
    """What the person may look at now.

    Nobody reviews a comparison that they rated, or a dialogue of their own; who also rates in the campaign reviews only
    what needs no further rating, so that they never rate what they have seen judged. Disagreement is looked at once the
    judgments behind it are, work that came back goes to somebody else, where there is one, and who opted out of a risk
    category reviews none of it.
    """
    ratings = Judgment.objects.filter(comparison=OuterRef("comparison"), role=JudgmentRole.RATING)
    of_judgments = Review.objects.filter(comparison=OuterRef("comparison"), judgment__isnull=False, status__in=OPEN)
    ruled = Judgment.objects.filter(comparison=OuterRef("comparison"), annotator=by)
    at_work = Q(user__is_active=True, user__paused_at__isnull=True, paused_at__isnull=True)
    reviewers = Membership.objects.filter(at_work, campaign=campaign, role=Role.REVIEWER)
    others = reviewers.exclude(user=by).exclude(user__in=ratings_of_the_outer())
    found = waiting(campaign).filter(
        Q(held_until__isnull=True) | Q(held_until__lt=now),
        ~Exists(ratings.filter(annotator=by)),
        Q(judgment__isnull=False) | (~Exists(of_judgments) & ~Exists(ruled)),
        Q(returned_by__isnull=True) | ~Q(returned_by=by) | ~Exists(others),
    )
    found = found.exclude(comparison__turn__dialogue__author=by)
    if without := care_of(by).opted_out:
        found = found.exclude(comparison__turn__prompt__risk_category__in=without)
    if Membership.objects.filter(user=by, campaign=campaign, role=Role.ANNOTATOR).exists():
        found = found.exclude(comparison__status=ComparisonStatus.OPEN)
    return found


def ratings_of_the_outer() -> QuerySet[Judgment, Any]:
    """The people who rated the comparison of the query two levels up."""
    theirs = Judgment.objects.filter(comparison=OuterRef(OuterRef("comparison")), role=JudgmentRole.RATING)
    return theirs.values("annotator")


@transaction.atomic
def approve(*, key: uuid.UUID, by: User, revision: int) -> Review:
    review = _locked(key, by)
    if _is_done(review, by, ReviewStatus.APPROVED):
        return review
    _check_unchanged(review, revision)
    _decide(review, ReviewStatus.APPROVED, by)
    return review


@transaction.atomic
def correct(*, key: uuid.UUID, by: User, answer: Answer, revision: int) -> Review:
    """Fixes and approves: the correction is the reviewer's own judgment, the annotator's stays."""
    review = _locked(key, by)
    if _is_done(review, by, ReviewStatus.CORRECTED):
        return review
    judgment = _check_unchanged(review, revision)
    ruling = rulings.correct(
        rating=judgment,
        comparison=review.comparison,
        by=by,
        opinion=opinion_of(review.campaign, answer, Position(judgment.shown_left)),
        guideline=_guideline(review),
        active_seconds=_seconds(review),
    )
    _decide(review, ReviewStatus.CORRECTED, by, ruling=ruling)
    settle(review.comparison, by=by)
    return review


@transaction.atomic
def send_back(*, key: uuid.UUID, by: User, feedback: str, revision: int) -> Review:
    """Returns the work with what is wrong in it; the annotator reads it before anything else."""
    feedback = texts.checked(feedback, what=_("The feedback"), limit=FEEDBACK_LIMIT, field="text")
    review = _locked(key, by)
    if _is_done(review, by, ReviewStatus.RETURNED):
        return review
    judgment = _check_unchanged(review, revision)
    lifecycle.advance(
        review, ReviewStatus.RETURNED, feedback=feedback, answer="", returned_by=by, reviewer=None, held_until=None,
        decided_at=timezone.now(), revision=judgment.revision,
    )  # fmt: skip
    events.record("review.returned", review, by=by, campaign=review.campaign, feedback=feedback)
    return review


@transaction.atomic
def adjudicate(*, key: uuid.UUID, by: User, answer: Answer) -> Review:
    """The verdict of a comparison whose raters disagree, in terms of what stood left and right for this reviewer."""
    review = _locked(key, by)
    if _is_done(review, by, ReviewStatus.ADJUDICATED):
        return review
    if review.judgment_id is not None:
        raise Conflict(_("Only one judgment is looked at here: approve, correct or return it."))
    left = position_left(review.comparison, by)
    ruling = rulings.adjudicate(
        comparison=review.comparison,
        by=by,
        opinion=opinion_of(review.campaign, answer, left),
        shown_left=left,
        guideline=_guideline(review),
        active_seconds=_seconds(review),
    )
    _decide(review, ReviewStatus.ADJUDICATED, by, ruling=ruling)
    return review


@transaction.atomic
def leave(*, key: uuid.UUID, by: User) -> Review:
    """Gives the review back for another reviewer."""
    review = _locked(key, by)
    if review.status == ReviewStatus.WAITING and review.reviewer_id == by.pk:
        review.reviewer = review.held_until = review.taken_at = None
        review.save(update_fields=["reviewer", "held_until", "taken_at"])
        events.record("review.left", review, by=by, campaign=review.campaign)
    return review


@transaction.atomic
def stay(*, key: uuid.UUID, by: User) -> datetime:
    """Holds the review for longer and says until when; ReviewLost where it is not the person's any more."""
    review = _locked(key, by)
    _check_held(review, by)
    review.held_until = timezone.now() + HOLD
    review.save(update_fields=["held_until"])
    return review.held_until


def settle(comparison: Comparison, *, by: User) -> None:
    """Takes back the review of a disagreement that a correction or a revision ended; call with the row held."""
    whole = Review.objects.filter(comparison=comparison, judgment__isnull=True, status=ReviewStatus.WAITING)
    review = whole.select_for_update(of=("self",)).first()
    if review is None or review_draws.disputed(Comparison.objects.filter(pk=comparison.pk)).exists():
        return
    lifecycle.advance(review, ReviewStatus.WITHDRAWN, held_until=None, decided_at=timezone.now())
    events.record("review.withdrawn", review, by=by, campaign=comparison.campaign)
    _let_go(comparison)


def looked_at(key: uuid.UUID, by: User) -> Review:
    """The review for its page: one that the person holds, or a sentence."""
    review = _find(key, by)
    _check_held(review, by)
    return review


def _find(key: uuid.UUID, by: User) -> Review:
    related = ("campaign", "judgment__edited_response", "comparison__turn__dialogue", "comparison__turn__prompt")
    rows = Review.objects.select_related(*related, "comparison__response_a", "comparison__response_b")
    review = rows.filter(key=key).first()
    if review is None:
        raise NotAllowed(_("There is no such review."))
    check_not_own(review, by)
    permissions.check_can_review(by, review.campaign)
    return review


def check_not_own(review: Review, by: User) -> None:
    rated = Judgment.objects.filter(comparison=review.comparison_id, annotator=by, role=JudgmentRole.RATING)
    if rated.exists() or review.comparison.turn.dialogue.author_id == by.pk:
        raise NotAllowed(_("This is your own work. Nobody reviews their own; another reviewer looks at it."))


def _locked(key: uuid.UUID, by: User) -> Review:
    """The review with its comparison, both rows held, the comparison first as everywhere."""
    found = _find(key, by)
    comparison = Comparison.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "campaign", "turn__dialogue"
    ).get(pk=found.comparison_id)  # fmt: skip
    review = Review.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=found.pk)
    review.comparison = comparison
    return review


def _is_done(review: Review, by: User, status: ReviewStatus) -> bool:
    """Whether this very decision was stored before, as by a double click; ReviewLost where another one was."""
    if review.status == status and by.pk in (review.reviewer_id, review.returned_by_id):
        return True
    _check_held(review, by)
    return False


def _check_held(review: Review, by: User) -> None:
    if review.status != ReviewStatus.WAITING:
        raise ReviewLost(_("This review is decided already, and that decision stands. What you wrote is kept here."))
    if review.reviewer_id != by.pk:
        raise ReviewLost(
            _("This review is not in your hands: another reviewer has it, or it waits. What you wrote is kept here.")
        )


def _check_unchanged(review: Review, revision: int) -> Judgment:
    """The judgment as it is now, which must be as the reviewer saw it."""
    if review.judgment_id is None:
        raise Conflict(_("Here the raters disagree: give the verdict yourself."))
    judgment = review.judgment = Judgment.objects.get(pk=review.judgment_id)
    judgment.comparison = review.comparison
    if judgment.revision != revision:
        raise ChangedMeanwhile(
            _("The annotator changed the verdict while you looked. It is shown as it is now; decide again.")
        )
    return judgment


def _decide(review: Review, status: ReviewStatus, by: User, ruling: Judgment | None = None) -> None:
    revision = review.judgment.revision if review.judgment else None
    lifecycle.advance(
        review, status, reviewer=by, held_until=None, decided_at=timezone.now(), revision=revision, ruling=ruling
    )
    events.record(f"review.{status}", review, by=by, campaign=review.campaign, ruling=ruling.pk if ruling else None)
    _let_go(review.comparison)


def _let_go(comparison: Comparison) -> None:
    if not Review.objects.filter(comparison=comparison, status__in=OPEN).exists():
        comparisons.let_go(comparison)


def _guideline(review: Review) -> Guideline:
    return review.campaign.guidelines.latest("version")


def _seconds(review: Review) -> float:
    """From taking it to deciding, as far as one look may last."""
    if review.taken_at is None:
        return 0.0
    return max(0.0, min((timezone.now() - review.taken_at).total_seconds(), HOLD.total_seconds()))
