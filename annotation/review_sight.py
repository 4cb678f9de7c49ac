"""What a reviewer sees: the pair and the verdicts on it, and neither who gave them nor which models wrote it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from annotation.answers import Answer, answer_of
from annotation.care import care_of
from annotation.models import Review
from annotation.visibility import position_left
from preferences.choices import FlagReason, JudgmentRole, Position, ReviewReason
from preferences.models import Campaign, Judgment, Message

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Given:
    """A verdict as it was given, with left and right as they stand on the reviewer's page."""

    answer: Answer
    edited: str  # the chosen response as its annotator improved it, where they did


@dataclass(frozen=True)
class ReviewSight:
    key: uuid.UUID
    campaign: Campaign
    messages: list[Message]
    texts: list[str]  # from left to right
    reasons: list[str]
    flags: list[tuple[str, str]]  # the reason and the note
    given: list[Given]  # one verdict, or those of all raters where they disagree
    is_disagreement: bool
    revision: int
    feedback: str
    reply: str
    veil: bool
    held_until: datetime | None


def sight_of(review: Review, by: User) -> ReviewSight:
    """The pair as its annotator saw it; where raters disagree, as the reviewer would have it from the queue."""
    comparison, judgment = review.comparison, review.judgment
    left = Position(judgment.shown_left) if judgment else position_left(comparison, by)
    return ReviewSight(
        key=review.key,
        campaign=review.campaign,
        messages=comparison.turn.messages(),
        texts=comparison.texts(left),
        reasons=[str(ReviewReason(reason).label) for reason in review.reasons],
        flags=[
            (str(FlagReason(reason).label), note)
            for reason, note in comparison.flags.order_by("pk").values_list("reason", "note")
        ],
        given=[_given(one, review, left) for one in ([judgment] if judgment else _votes(review))],
        is_disagreement=judgment is None,
        revision=judgment.revision if judgment else 0,
        feedback=review.feedback,
        reply=review.answer,
        veil=review.campaign.is_safety and care_of(by).veil,
        held_until=review.held_until,
    )


def _votes(review: Review) -> list[Judgment]:
    """As they count: each rating, or the correction of it."""
    votes = Judgment.objects.filter(comparison=review.comparison, correction__isnull=True)
    return list(votes.exclude(role=JudgmentRole.ADJUDICATION).select_related("edited_response").order_by("pk"))


def _given(judgment: Judgment, review: Review, left: Position) -> Given:
    judgment.comparison = review.comparison
    judgment.comparison.campaign = review.campaign
    edited = judgment.edited_response
    return Given(answer_of(judgment, left), edited.text if edited else "")
