"""What the database refuses of reviews and their plans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from annotation.models import Review, ReviewPlan
from preferences.choices import JudgmentRole, ReviewReason, ReviewStatus
from preferences.models import Judgment
from tests import factories
from tests.factories.judgments import JudgmentFactory
from tests.factories.reviews import ReviewFactory
from tests.preferences.refusals import refused
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

SAMPLE = [ReviewReason.SAMPLE]


@pytest.fixture
def rating() -> Judgment:
    return factories.judge(factories.comparison())


@pytest.fixture
def person() -> User:
    return factories.user()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost"}, "review_status"),
        ({"reasons": []}, "review_reasons"),
        ({"reasons": ["mood"]}, "review_reasons"),
        ({"status": ReviewStatus.RETURNED, "feedback": "Look again."}, "review_returned_with_feedback"),
        ({"status": ReviewStatus.APPROVED}, "review_decided_by_somebody"),
        (
            {"status": ReviewStatus.APPROVED, "decided_at": datetime(2026, 11, 26, tzinfo=UTC)},
            "review_decided_by_somebody",
        ),
        ({"held_until": datetime(2026, 11, 26, tzinfo=UTC)}, "review_held_by_somebody"),
    ],
    ids=str,
)
def test_a_review_that_cannot_be_is_refused(rating: Judgment, fields: dict[str, Any], constraint: str) -> None:
    with refused(constraint):
        ReviewFactory(judgment=rating, **fields)


def test_returned_work_has_a_feedback(rating: Judgment, person: User) -> None:
    with refused("review_returned_with_feedback"):
        ReviewFactory(judgment=rating, status=ReviewStatus.RETURNED, returned_by=person)


def test_a_correction_has_its_ruling_and_an_approval_none(rating: Judgment, person: User) -> None:
    decided = {"judgment": rating, "reviewer": person, "decided_at": timezone.now()}
    with refused("review_ruled_with_a_ruling"):
        ReviewFactory(status=ReviewStatus.CORRECTED, **decided)
    with refused("review_ruled_with_a_ruling"):
        ReviewFactory(status=ReviewStatus.APPROVED, ruling=rating, **decided)


def test_an_adjudication_is_of_a_comparison_and_an_approval_of_a_judgment(rating: Judgment, person: User) -> None:
    ruling = factories.adjudicate(rating.comparison)
    decided = {"reviewer": person, "decided_at": timezone.now()}
    with refused("review_adjudicates_comparisons"):
        ReviewFactory(judgment=rating, status=ReviewStatus.ADJUDICATED, ruling=ruling, **decided)
    with refused("review_adjudicates_comparisons"):
        ReviewFactory(judgment=None, comparison=rating.comparison, status=ReviewStatus.APPROVED, **decided)


def test_a_judgment_and_a_comparison_have_one_open_review_each(rating: Judgment, person: User) -> None:
    comparison = rating.comparison
    decided = {"status": ReviewStatus.APPROVED, "reviewer": person, "decided_at": timezone.now()}
    ReviewFactory(judgment=rating, **decided)
    ReviewFactory(judgment=rating)
    ReviewFactory(judgment=None, comparison=comparison)
    with refused("review_open_once_per_judgment"):
        ReviewFactory(judgment=rating, status=ReviewStatus.RETURNED, feedback="Look again.", returned_by=person)
    with refused("review_open_once_per_comparison"):
        ReviewFactory(judgment=None, comparison=comparison)


def test_nobody_who_rated_a_comparison_reviews_any_of_it() -> None:
    pair = factories.judged_comparison(factories.campaign(raters_per_item=2), scores=[-3, 3])
    one, two = pair.judgments.order_by("pk")
    for rater in (one.annotator, two.annotator):
        with refused(f"reviewer {rater.pk} rated comparison {pair.pk}"):
            ReviewFactory(judgment=one, reviewer=rater)
    review = ReviewFactory(judgment=one)
    with refused("rated comparison"):
        Review.objects.filter(pk=review.pk).update(reviewer=one.annotator)


def test_what_a_review_points_to_belongs_together(rating: Judgment, person: User) -> None:
    other, elsewhere = factories.judge(factories.comparison()), factories.campaign()
    with refused("review_judgment_of_comparison"):
        ReviewFactory(judgment=rating, comparison=other.comparison)
    with refused("review_comparison_of_campaign"):
        ReviewFactory(judgment=rating, campaign=elsewhere)
    ruling = JudgmentFactory(
        comparison=other.comparison, slot=None, guideline=other.guideline, role=JudgmentRole.ADJUDICATION
    )
    decided = {"reviewer": person, "decided_at": timezone.now()}
    with refused("review_ruling_of_comparison"):
        ReviewFactory(judgment=rating, status=ReviewStatus.CORRECTED, ruling=ruling, **decided)


def test_a_plan_draws_at_most_everything() -> None:
    campaign = factories.campaign()
    with refused("review_plan_percent"):
        ReviewPlan.objects.create(campaign=campaign, percent=101)
