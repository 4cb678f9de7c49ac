"""A reviewer takes work of others, one at a time, and approves, corrects, returns or adjudicates it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from annotation import care, queue, returned_work, review_draws, reviews
from annotation.models import Membership, Review, Role
from annotation.queue import Answer
from annotation.visibility import position_left
from preferences.choices import JudgmentRole, Position, ReviewStatus, Track
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Comparison, Event, Judgment
from tests import factories
from tests.concurrency import Beside, at_once
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

BETTER = Answer(place=8, rationale="It answers the question.")


@pytest.fixture
def review() -> Review:
    """A judgment by its annotator in the hands of a reviewer; A was left and significantly better."""
    return factories.taken_review(factories.judge(factories.comparison(), score=-4))


def holder(review: Review) -> User:
    assert review.reviewer is not None
    return review.reviewer


def told(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


def split(campaign: Campaign | None = None) -> Comparison:
    return factories.judged_comparison(campaign or factories.campaign(raters_per_item=2), scores=[-3, 3])


def test_an_approval_changes_nothing_but_the_review(review: Review) -> None:
    done = reviews.approve(key=review.key, by=holder(review), revision=0)
    assert (done.status, done.reviewer, done.revision, done.ruling) == ("approved", holder(review), 0, None)
    assert Judgment.objects.count() == 1
    assert told("review.approved") == 1


def test_a_correction_is_a_judgment_of_the_reviewer_and_the_original_stays(review: Review) -> None:
    done = reviews.correct(key=review.key, by=holder(review), answer=BETTER, revision=0)
    original, correction = Judgment.objects.order_by("pk")
    assert (original.score, original.role, done.status) == (-4, JudgmentRole.RATING, "corrected")
    assert (correction.score, correction.corrects, correction.annotator) == (4, original, holder(review))
    assert done.ruling == correction
    assert not Comparison.objects.get().held


def test_returned_work_comes_back_with_its_feedback(review: Review) -> None:
    done = reviews.send_back(key=review.key, by=holder(review), feedback="Read B again. ", revision=0)
    assert (done.status, done.feedback, done.returned_by, done.reviewer) == (
        "returned", "Read B again.", holder(review), None,
    )  # fmt: skip
    assert Comparison.objects.get().held


@pytest.mark.parametrize("feedback", ["", "   ", "x" * 100_000, "a\x00b"], ids=["none", "blank", "long", "nul"])
def test_a_feedback_that_cannot_be_stored_returns_nothing(review: Review, feedback: str) -> None:
    with pytest.raises(InvalidInput):
        reviews.send_back(key=review.key, by=holder(review), feedback=feedback, revision=0)
    assert Review.objects.get().status == ReviewStatus.WAITING


def decisions(review: Review, by: User) -> list[Callable[[], Any]]:
    return [
        lambda: reviews.approve(key=review.key, by=by, revision=0),
        lambda: reviews.correct(key=review.key, by=by, answer=BETTER, revision=0),
        lambda: reviews.send_back(key=review.key, by=by, feedback="Look again.", revision=0),
        lambda: reviews.adjudicate(key=review.key, by=by, answer=BETTER),
        lambda: reviews.looked_at(review.key, by),
        lambda: reviews.leave(key=review.key, by=by),
        lambda: reviews.stay(key=review.key, by=by),
    ]


@pytest.mark.parametrize("decision", range(7))
def test_nobody_decides_on_their_own_work(decision: int) -> None:
    rating = factories.judge(factories.comparison())
    factories.made_people.memberships.add(
        user=rating.annotator, campaign=rating.comparison.campaign, role=Role.REVIEWER, by=None
    )
    review = factories.taken_review(rating)
    with pytest.raises(NotAllowed, match="Nobody reviews their own"):
        decisions(review, rating.annotator)[decision]()


def test_own_work_and_own_dialogues_are_not_handed_out() -> None:
    campaign = factories.campaign(raters_per_item=2)
    rater, author = factories.reviewer(campaign), factories.reviewer(campaign)
    pair = factories.comparison(campaign, by=author)
    factories.judge(pair, rater)
    factories.judge(pair)
    factories.review_plan(campaign, percent=100)
    review_draws.draw(campaign=campaign)
    assert reviews.takeable(campaign, factories.reviewer(campaign), timezone.now()).count() == 2
    for person in (rater, author):
        assert reviews.take(campaign=campaign, by=person) is None


def test_who_opted_out_of_a_risk_category_reviews_none_of_it() -> None:
    rating = factories.judge(factories.comparison(factories.campaign(track=Track.SAFETY)))
    review, reviewer = factories.drawn_review(rating), factories.reviewer(rating.comparison.campaign)
    chosen = {"opted_out": ["unqualified_advice"], "veil": True, "break_minutes": 0}
    care.choose(user=reviewer, by=reviewer, **chosen)
    assert reviews.take(campaign=review.campaign, by=reviewer) is None
    care.choose(user=reviewer, by=reviewer, **{**chosen, "opted_out": []})
    assert reviews.take(campaign=review.campaign, by=reviewer) == review


def test_who_also_rates_in_the_campaign_reviews_only_what_needs_no_further_rating() -> None:
    campaign = factories.campaign(raters_per_item=2)
    both = factories.reviewer(campaign)
    factories.made_people.memberships.add(user=both, campaign=campaign, role=Role.ANNOTATOR, by=None)
    pair = factories.comparison(campaign)
    factories.drawn_review(factories.judge(pair))
    assert reviews.take(campaign=campaign, by=both) is None
    factories.judge(pair)
    assert reviews.take(campaign=campaign, by=both) is not None


@pytest.mark.parametrize("decision", range(7))
def test_who_lost_the_role_decides_no_more(review: Review, decision: int) -> None:
    Membership.objects.filter(user=review.reviewer).delete()
    with pytest.raises(NotAllowed, match="not a reviewer"):
        decisions(review, holder(review))[decision]()
    assert Review.objects.get().status == ReviewStatus.WAITING


@pytest.mark.parametrize("decision", [0, 1, 2, 4, 6])
def test_who_does_not_hold_the_review_does_not_decide(review: Review, decision: int) -> None:
    other = factories.reviewer(review.campaign)
    with pytest.raises(reviews.ReviewLost, match="not in your hands"):
        decisions(review, other)[decision]()


@pytest.mark.parametrize("decision", [0, 1, 2])
def test_a_decision_sent_twice_is_stored_once(review: Review, decision: int) -> None:
    person = holder(review)
    for _ in range(2):
        decisions(review, person)[decision]()
    decided = Event.objects.filter(verb__in=["review.approved", "review.corrected", "review.returned"])
    assert decided.count() == 1
    assert Judgment.objects.count() == (2 if decision == 1 else 1)


def test_another_decision_after_the_first_is_refused(review: Review) -> None:
    reviews.approve(key=review.key, by=holder(review), revision=0)
    with pytest.raises(reviews.ReviewLost, match="decided already"):
        reviews.send_back(key=review.key, by=holder(review), feedback="Look again.", revision=0)
    assert Review.objects.get().status == ReviewStatus.APPROVED


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_never_get_the_same() -> None:
    campaign = factories.campaign()
    for _ in range(3):
        factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=100)
    review_draws.draw(campaign=campaign)
    people = [factories.reviewer(campaign) for _ in range(4)]
    taken = at_once([lambda person=person: reviews.take(campaign=campaign, by=person) for person in people])
    assert sorted(review.pk for review in taken if review) == sorted(Review.objects.values_list("pk", flat=True))
    assert taken.count(None) == 1


def test_taking_again_gives_the_same_until_its_time_is_over(review: Review) -> None:
    person, other = holder(review), factories.reviewer(review.campaign)
    assert reviews.take(campaign=review.campaign, by=person) == review
    assert reviews.take(campaign=review.campaign, by=other) is None
    Review.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert reviews.take(campaign=review.campaign, by=other) == review
    with pytest.raises(reviews.ReviewLost):
        reviews.approve(key=review.key, by=person, revision=0)


def test_what_is_left_goes_to_somebody_else(review: Review) -> None:
    reviews.leave(key=review.key, by=holder(review))
    other = factories.reviewer(review.campaign)
    assert reviews.take(campaign=review.campaign, by=other) == review


def test_staying_holds_the_review_for_longer(review: Review) -> None:
    before = review.held_until
    assert before is not None and reviews.stay(key=review.key, by=holder(review)) > before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decision", [0, 1, 2])
def test_a_verdict_that_changes_while_the_reviewer_decides_is_looked_at_again(decision: int) -> None:
    campaign = factories.campaign()
    done = factories.submitted_assignment(campaign)
    assert done.judgment is not None
    review = factories.taken_review(done.judgment)

    def decide() -> None:
        decisions(review, holder(review))[decision]()

    with transaction.atomic():
        queue.revise(key=done.key, by=done.annotator, answer=Answer(place=7), revision=0)
        beside = Beside(decide)
    assert isinstance(beside.outcome(), reviews.ChangedMeanwhile)
    assert Review.objects.get().status == ReviewStatus.WAITING
    reviews.approve(key=review.key, by=holder(review), revision=1)


def test_disagreement_is_adjudicated_in_the_reviewers_own_left_and_right() -> None:
    pair = split()
    review = factories.taken_review(pair)
    reviews.adjudicate(key=review.key, by=holder(review), answer=Answer(place=1))
    ruling = Judgment.objects.get(role=JudgmentRole.ADJUDICATION)
    left = position_left(pair, holder(review))
    assert (ruling.shown_left, ruling.score) == (left, -4 if left is Position.A else 4)
    assert Review.objects.get().status == ReviewStatus.ADJUDICATED


def test_a_disagreement_is_not_approved_and_a_judgment_not_adjudicated(review: Review) -> None:
    whole = factories.taken_review(split())
    with pytest.raises(Conflict, match="give the verdict yourself"):
        reviews.approve(key=whole.key, by=holder(whole), revision=0)
    with pytest.raises(Conflict, match="one judgment"):
        reviews.adjudicate(key=review.key, by=holder(review), answer=BETTER)


def test_a_correction_that_ends_a_disagreement_takes_its_review_back() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pair = split(campaign)
    factories.review_plan(campaign, percent=100, splits=True)
    review_draws.draw(campaign=campaign)
    reviewer = factories.reviewer(campaign)
    first = reviews.take(campaign=campaign, by=reviewer)
    assert first is not None and first.judgment is not None
    reviews.correct(key=first.key, by=reviewer, answer=BETTER, revision=0)
    assert Review.objects.get(judgment=None).status == ReviewStatus.WITHDRAWN
    assert Comparison.objects.get(pk=pair.pk).held, "The other judgment still waits."


def test_a_disagreement_waits_for_the_judgments_behind_it() -> None:
    campaign = factories.campaign(raters_per_item=2)
    split(campaign)
    factories.review_plan(campaign, percent=100, splits=True)
    review_draws.draw(campaign=campaign)
    reviewer = factories.reviewer(campaign)
    for is_of_a_judgment in (True, True, False):
        review = reviews.take(campaign=campaign, by=reviewer)
        assert review is not None and (review.judgment is not None) is is_of_a_judgment
        if review.judgment is not None:
            reviews.approve(key=review.key, by=reviewer, revision=0)


def test_work_that_came_back_goes_to_another_reviewer_where_there_is_one(review: Review) -> None:
    person = holder(review)
    assert review.judgment is not None
    reviews.send_back(key=review.key, by=person, feedback="Look again.", revision=0)
    returned_work.keep(key=review.key, by=review.judgment.annotator, answer="I did.")
    other = factories.reviewer(review.campaign)
    assert reviews.take(campaign=review.campaign, by=person) is None
    assert reviews.take(campaign=review.campaign, by=other) == review
    reviews.leave(key=review.key, by=other)
    Membership.objects.filter(user=other).delete()
    assert reviews.take(campaign=review.campaign, by=person) == review
