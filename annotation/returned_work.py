"""Work that a reviewer returned: its annotator reads the feedback, and changes the verdict or keeps it with a word."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation import permissions, reviews
from annotation.models import Review
from annotation.models.reviews import OPEN
from preferences import lifecycle
from preferences import text as texts
from preferences.actions import events
from preferences.choices import ReviewStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Comparison, Judgment

if TYPE_CHECKING:
    from webapp.accounts.models import User

ANSWER_LIMIT = 10_000
BACK_TO_REVIEW: dict[str, Any] = {"reviewer": None, "taken_at": None, "decided_at": None}


class FeedbackUnread(Conflict):
    """A reviewer returned work that its annotator has not dealt with."""

    code = "feedback_unread"


def returned_to(by: User, campaigns: Campaign | QuerySet[Campaign]) -> QuerySet[Review]:
    """What waits for the annotator, the oldest first."""
    wanted = [campaigns] if isinstance(campaigns, Campaign) else campaigns
    theirs = Review.objects.filter(judgment__annotator=by, campaign__in=wanted, status=ReviewStatus.RETURNED)
    return theirs.order_by("decided_at")


def check_nothing_returned(by: User, campaign: Campaign) -> None:
    if returned_to(by, campaign).exists():
        raise FeedbackUnread(
            _(
                "A reviewer returned work of yours in “%(campaign)s”. Read the feedback and answer it first; "
                "it stands under “My work”."
            )
            % {"campaign": campaign}
        )


@transaction.atomic
def keep(*, key: uuid.UUID, by: User, answer: str) -> Review:
    """The annotator keeps the verdict and tells the reviewer why; the review waits again."""
    answer = texts.checked(answer, what=_("Your answer"), limit=ANSWER_LIMIT, field="text")
    review = _mine(key, by)
    permissions.check_can_judge(by, review.campaign)
    if review.status == ReviewStatus.WAITING and review.answer == answer:  # a double click
        return review
    if review.status != ReviewStatus.RETURNED:
        raise Conflict(_("You have dealt with this already; nothing waits for you here."))
    lifecycle.advance(review, ReviewStatus.WAITING, answer=answer, **BACK_TO_REVIEW)
    events.record("review.answered", review, by=by, campaign=review.campaign, answer=answer)
    return review


@transaction.atomic
def recall(*, key: uuid.UUID, by: User) -> Review:
    """Takes returned work back to the reviewers, where its annotator is away."""
    review = Review.objects.select_for_update(of=("self",)).select_related("campaign").filter(key=key).first()
    if review is None:
        raise NotAllowed(_("There is no such review."))
    permissions.check_can_manage(by, review.campaign)
    if review.status == ReviewStatus.RETURNED:
        lifecycle.advance(review, ReviewStatus.WAITING, **BACK_TO_REVIEW)
        events.record("review.recalled", review, by=by, campaign=review.campaign)
    return review


def note_revision(judgment: Judgment, comparison: Comparison, *, by: User) -> None:
    """After a revision: returned work waits for a reviewer again; what was approved stays so, and the event says that
    it is not what was approved any more. Call while holding the comparison's row."""
    review = Review.objects.select_for_update(of=("self",)).filter(judgment=judgment).order_by("-pk").first()
    if review is not None and review.status == ReviewStatus.RETURNED:
        lifecycle.advance(review, ReviewStatus.WAITING, **BACK_TO_REVIEW)
    if review is not None:
        verb = "review.revised" if review.status in OPEN else "review.revised_after"
        events.record(verb, review, by=by, campaign=comparison.campaign, revision=judgment.revision)
    reviews.settle(comparison, by=by)


def _mine(key: uuid.UUID, by: User) -> Review:
    rows = Review.objects.select_for_update(of=("self",)).select_related("campaign")
    review = rows.filter(key=key, judgment__annotator=by).first()
    if review is None:
        raise NotAllowed(_("There is no such review."))
    return review
