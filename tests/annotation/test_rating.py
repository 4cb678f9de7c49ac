"""Rating one response through the queue: claimed, answered, changed, measured by gold, reviewed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotation import gold, queue, review_draws, reviews
from annotation.models import Assignment, Review
from annotation.models.concerns import SignalName
from annotation.quality.measures import measure
from annotation.quality.rows import read
from annotation.quality.windows import Window
from annotation.queue import Answer
from annotation.review_sight import sight_of as review_sight
from annotation.visibility import sight_of, with_sight
from preferences.choices import Chosen, Position, ReviewReason, ReviewStatus
from preferences.errors import InvalidInput
from preferences.models import Comparison, Judgment
from preferences.scales import Verdict
from tests import factories
from tests.annotation.helpers import claimed
from tests.annotation.hidden import always, honest

pytestmark = pytest.mark.django_db

SEVERE, MILD, UNHELPFUL, SAFE = (Verdict(Chosen.RATED, None, rating) for rating in (1, 2, 3, 5))


@pytest.fixture(autouse=True)
def honest_dice() -> Iterator[None]:
    yield
    honest()


def test_the_annotator_sees_one_response_and_its_rating_is_stored_once() -> None:
    campaign = factories.rating_campaign()
    made = factories.assignment(campaign)
    sight = sight_of(with_sight(Assignment.objects.filter(pk=made.pk), made.annotator).get())
    assert sight.texts == [made.comparison.response_a.text]
    done = queue.submit_and_claim(key=made.key, by=made.annotator, answer=Answer(place=2, rationale="It names a dose."))
    again = queue.submit(key=made.key, by=made.annotator, answer=Answer(place=2, rationale="It names a dose."))
    stored = Judgment.objects.get()
    assert done.judgment == again == stored
    assert (stored.chosen, stored.safety_a, stored.score, stored.shown_left) == ("rated", 2, 2, Position.A)


@pytest.mark.parametrize("answer", [Answer(place=None), Answer(place=0), Answer(place=6), Answer(4, 4, 4)], ids=str)
def test_an_answer_that_is_no_rating_is_refused_and_the_lease_stays(answer: Answer) -> None:
    made = factories.assignment(factories.rating_campaign())
    with pytest.raises(InvalidInput):
        queue.submit(key=made.key, by=made.annotator, answer=answer)
    made.refresh_from_db()
    assert (made.status, Judgment.objects.count()) == ("active", 0)


def test_a_rating_is_changed_until_it_is_sealed() -> None:
    made = factories.submitted_assignment(factories.rating_campaign(), place=5)
    queue.revise(key=made.key, by=made.annotator, answer=Answer(place=1), revision=0)
    assert Judgment.objects.get().score == 1


@pytest.mark.parametrize(
    ("known", "place", "is_right"),
    [(SEVERE, 2, True), (MILD, 1, True), (SEVERE, 3, False), (SAFE, 3, True), (UNHELPFUL, 5, True), (SAFE, 2, False)],
    ids=str,
)
def test_a_rating_of_gold_is_right_on_the_known_side_of_the_violation_line(
    known: Verdict, place: int, is_right: bool
) -> None:
    campaign = factories.rating_campaign(gold_share=0.5)
    made = gold.make(original=factories.comparison(campaign), verdict=known, reason="It is known.", by=factories.user())
    ann = factories.annotator(campaign)
    always(0.1)
    assignment = claimed(campaign, ann)
    assert assignment.comparison == made.comparison
    assert (made.chosen, made.safety_a, made.safety_b) == ("rated", known.rating, None)
    queue.submit(key=assignment.key, by=ann, answer=Answer(place=place))
    score = gold.score_of(campaign, ann)
    assert (score.judged, score.right) == (1, int(is_right))


def test_gold_of_a_rating_is_a_rating() -> None:
    item = factories.comparison(factories.rating_campaign())
    for odd in (Verdict(Chosen.A, None), Verdict(Chosen.NEITHER, None), Verdict(Chosen.RATED, None, 7)):
        with pytest.raises(InvalidInput, match="from 1 to 5"):
            gold.make(original=item, verdict=odd, reason="No.", by=factories.user())


@pytest.mark.parametrize(
    ("ratings", "disputed"), [([1, 2, 2], False), ([3, 5, 4], False), ([2, 3, 3], True), ([1, 5, 5], True)], ids=str
)
def test_raters_on_both_sides_of_the_violation_line_are_adjudicated(ratings: list[int], disputed: bool) -> None:
    campaign = factories.rating_campaign()
    item = factories.judged_comparison(campaign, scores=ratings)
    assert review_draws.disputed(Comparison.objects.filter(pk=item.pk)).exists() is disputed
    factories.review_plan(campaign, safety=True)
    review_draws.draw(campaign=campaign)
    assert [review.reasons for review in Review.objects.all()] == ([[ReviewReason.SAFETY]] if disputed else [])


def test_a_reviewer_adjudicates_a_disputed_item_with_a_rating_of_their_own() -> None:
    item = factories.judged_comparison(factories.rating_campaign(), scores=[1, 4, 4])
    review = factories.taken_review(item)
    assert review.reviewer is not None
    sight = review_sight(review, review.reviewer)
    assert sight.texts == [item.response_a.text]
    assert [given.answer.place for given in sight.given] == [1, 4, 4]
    reviews.adjudicate(key=review.key, by=review.reviewer, answer=Answer(place=2))
    ruling = Judgment.objects.get(role="adjudication")
    assert (ruling.chosen, ruling.score) == ("rated", 2)


def test_a_reviewer_corrects_a_rating_and_the_rating_stays() -> None:
    judgment = factories.judge(factories.comparison(factories.rating_campaign()), score=5)
    review = factories.taken_review(judgment)
    assert review.reviewer is not None
    reviews.correct(key=review.key, by=review.reviewer, answer=Answer(place=1), revision=0)
    review.refresh_from_db()
    judgment.refresh_from_db()
    assert (review.status, judgment.score, judgment.correction.score) == (ReviewStatus.CORRECTED, 5, 1)


def test_quality_has_no_signal_of_two_sides_where_one_response_is_rated() -> None:
    campaign = factories.rating_campaign(raters_per_item=2)
    people = [factories.annotator(campaign) for _ in range(2)]
    for number in range(12):
        factories.judged_comparison(campaign, scores=[1 + number % 5, 1 + number % 4], by=people)
    work = read(campaign, Window())
    of_two = {SignalName.SIDES, SignalName.LENGTH, SignalName.CONSISTENCY}
    assert not of_two & set(work.trials)
    assert not (work.verdicts.pace != work.verdicts.pace).any()
    signals = measure(work)[people[0].pk]
    assert {signal.name for signal in signals} >= {SignalName.AGREEMENT, SignalName.SCALE, SignalName.PACE}
    assert not of_two & {signal.name for signal in signals}
