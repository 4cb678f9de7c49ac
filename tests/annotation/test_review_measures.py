"""What reviewers do, and how it stands up where somebody else looked again."""

from __future__ import annotations

import pytest

from annotation import queue, returned_work, review_draws, reviews
from annotation.models import Review
from annotation.queue import Answer
from annotation.review_measures import Measures, _second_looks, measures
from preferences.models import Campaign, Judgment
from preferences.stats.intervals import wilson
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def decided(campaign: Campaign, by: User, *decisions: str) -> None:
    """One judgment a decision, drawn and decided by the reviewer."""
    for decision in decisions:
        review = factories.taken_review(factories.judge(factories.comparison(campaign), score=-4), by)
        if decision == "approve":
            reviews.approve(key=review.key, by=by, revision=0)
        elif decision == "correct":
            reviews.correct(key=review.key, by=by, answer=Answer(place=8), revision=0)
        else:
            reviews.send_back(key=review.key, by=by, feedback="Look again.", revision=0)


def of(campaign: Campaign, reviewer: User) -> Measures:
    (found,) = [line for line in measures(campaign) if line.reviewer == reviewer]
    return found


def test_decisions_are_counted_with_the_share_of_changes_and_its_interval() -> None:
    campaign = factories.campaign()
    one, other = factories.reviewer(campaign), factories.reviewer(campaign)
    decided(campaign, one, "approve", "approve", "approve", "correct", "return")
    decided(campaign, other, "approve")
    found = of(campaign, one)
    assert (found.approved, found.corrected, found.returned, found.adjudicated) == (3, 1, 1, 0)
    assert found.changes == wilson(2, 5)
    assert (found.looked_at_again, found.upheld.value) == (0, None)
    assert of(campaign, other).changes == wilson(0, 1)
    assert measures(factories.campaign()) == []


@pytest.mark.parametrize(("place", "upheld"), [(8, 1), (1, 0)], ids=["the same", "the other"])
def test_a_correction_is_upheld_where_the_adjudication_prefers_the_same(place: int, upheld: int) -> None:
    campaign = factories.campaign(raters_per_item=2)
    one, other = factories.reviewer(campaign), factories.reviewer(campaign)
    pair = factories.judged_comparison(campaign, scores=[-3, -3])
    factories.review_plan(campaign, percent=100, splits=True)
    review_draws.draw(campaign=campaign)
    for decision in (reviews.correct, reviews.approve):
        review = reviews.take(campaign=campaign, by=one)
        assert review is not None
        answer = {"answer": Answer(place=8)} if decision is reviews.correct else {}
        decision(key=review.key, by=one, revision=0, **answer)
    review_draws.draw(campaign=campaign)
    split = reviews.take(campaign=campaign, by=other)
    assert split is not None and split.comparison == pair
    ruling = factories.adjudicate
    ruling(pair, other, score=3 if place == 8 else -3)
    found = of(campaign, one)
    assert (found.looked_at_again, found.upheld) == (1, wilson(upheld, 1))


@pytest.mark.parametrize(("ruled", "upheld"), [(2, 1), (1, 1), (3, 0), (5, 0)])
def test_a_correction_of_a_rating_is_upheld_on_its_side_of_the_violation_line(ruled: int, upheld: int) -> None:
    campaign = factories.rating_campaign(raters_per_item=2)
    one, other = factories.reviewer(campaign), factories.reviewer(campaign)
    item = factories.judged_comparison(campaign, scores=[4, 4])
    factories.correct(item.judgments.order_by("pk")[0], one, score=1)
    factories.adjudicate(item, other, score=ruled)
    again, stood = _second_looks(campaign)
    assert (again[one.pk], stood[one.pk]) == (1, upheld)


@pytest.mark.parametrize("is_changed", [True, False], ids=["changed", "kept"])
def test_a_return_is_upheld_where_the_verdict_changed_before_another_reviewer_approved_it(is_changed: bool) -> None:
    campaign = factories.campaign()
    done = factories.submitted_assignment(campaign)
    one, other = factories.reviewer(campaign), factories.reviewer(campaign)
    review = factories.taken_review(Judgment.objects.get(pk=done.judgment_id), one)
    reviews.send_back(key=review.key, by=one, feedback="Look again.", revision=0)
    if is_changed:
        queue.revise(key=done.key, by=done.annotator, answer=Answer(place=7), revision=0)
    else:
        returned_work.keep(key=review.key, by=done.annotator, answer="I did.")
    assert reviews.take(campaign=campaign, by=other) == Review.objects.get()
    reviews.approve(key=review.key, by=other, revision=int(is_changed))
    found = of(campaign, one)
    assert (found.looked_at_again, found.upheld) == (1, wilson(int(is_changed), 1))
