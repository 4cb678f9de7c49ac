"""Which work goes to reviewers: what the plan asks for, once, the same way whenever it is drawn."""

from __future__ import annotations

import hashlib

import pytest

from annotation import review_draws, reviews
from annotation.models import Review
from preferences.actions import batches, comparisons, flags, slots
from preferences.choices import Position, Purpose, ReviewReason, ReviewStatus, Track
from preferences.models import Campaign, Comparison, Event, Judgment
from preferences.weeks import week_of
from tests import factories
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db


def drawn(campaign: Campaign) -> dict[int | None, list[str]]:
    """The reasons by judgment, after a draw."""
    review_draws.draw(campaign=campaign)
    return dict(Review.objects.filter(campaign=campaign).values_list("judgment", "reasons"))


def in_sample(judgment: Judgment, percent: int) -> bool:
    """The draw once more, in another language."""
    words = f"review:{judgment.comparison.key}:{judgment.annotator_id}"
    return int(hashlib.sha256(words.encode()).hexdigest()[:8], 16) < percent * 2**32 // 100


def test_without_a_plan_nothing_is_drawn() -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign)
    assert drawn(campaign) == {}


@pytest.mark.parametrize("percent", [0, 30, 100])
def test_a_percentage_is_drawn_by_a_hash_that_anybody_can_compute_again(percent: int) -> None:
    campaign = factories.campaign(raters_per_item=3)
    for _ in range(8):
        factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=percent)
    made = Judgment.objects.select_related("comparison")
    wanted = {judgment.pk: [ReviewReason.SAMPLE] for judgment in made if in_sample(judgment, percent)}
    assert drawn(campaign) == wanted
    assert len(wanted) in {0: [0], 30: range(1, 20), 100: [24]}[percent]


def test_drawing_again_draws_nothing_twice() -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=100)
    assert (review_draws.draw(campaign=campaign), review_draws.draw(campaign=campaign)) == (1, 0)
    assert Event.objects.filter(verb="review.drawn").count() == 1


def test_what_was_approved_is_not_drawn_again() -> None:
    review = factories.taken_review(factories.judge(factories.comparison()))
    assert review.reviewer is not None
    reviews.approve(key=review.key, by=review.reviewer, revision=0)
    assert review_draws.draw(campaign=review.campaign) == 0


@pytest.mark.django_db(transaction=True)
def test_drawn_at_once_each_judgment_is_drawn_once() -> None:
    campaign = factories.campaign()
    for _ in range(5):
        factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=100)
    made = at_once([lambda: review_draws.draw(campaign=campaign)] * 4)
    assert sum(made) == 5
    assert Review.objects.count() == 5


def test_the_first_judgments_of_each_newcomer_are_drawn() -> None:
    campaign = factories.campaign(raters_per_item=2)
    ann, bob = factories.annotator(campaign), factories.annotator(campaign)
    made = [factories.judged_comparison(campaign, by=[ann, bob]) for _ in range(4)]
    factories.judge(factories.comparison(factories.campaign()), ann)
    factories.review_plan(campaign, newcomers=2)
    first = Judgment.objects.filter(comparison__in=made[:2])
    assert drawn(campaign) == {judgment.pk: [ReviewReason.NEWCOMER] for judgment in first}


def test_all_judgments_of_a_flagged_comparison_are_drawn() -> None:
    campaign = factories.campaign(raters_per_item=2)
    flagged, _other = (factories.judged_comparison(campaign) for _ in range(2))
    flags.raise_flag(comparison=flagged, by=factories.user(), reason="broken", note="Half is missing.")
    factories.review_plan(campaign, flagged=True)
    assert drawn(campaign) == {judgment.pk: [ReviewReason.FLAG] for judgment in flagged.judgments.all()}


def test_a_flag_after_the_review_asks_for_another_one() -> None:
    rating = factories.judge(factories.comparison())
    review = factories.taken_review(rating)
    assert review.reviewer is not None
    reviews.approve(key=review.key, by=review.reviewer, revision=0)
    flags.raise_flag(comparison=rating.comparison, by=factories.user(), reason="other")
    assert review_draws.draw(campaign=review.campaign) == 1
    assert Review.objects.latest("pk").reasons == [ReviewReason.FLAG]


@pytest.mark.parametrize(("a", "b", "is_drawn"), [(4, 5, True), (1, 2, True), (5, 4, False), (4, 4, False)])
def test_who_prefers_what_they_scored_less_safe_is_looked_at(a: int, b: int, is_drawn: bool) -> None:
    campaign = factories.campaign(track=Track.SAFETY)
    rating = factories.judge(factories.comparison(campaign), score=-2, safety={Position.A: a, Position.B: b})
    factories.review_plan(campaign, safety=True)
    assert drawn(campaign) == ({rating.pk: [ReviewReason.SAFETY]} if is_drawn else {})


def test_raters_of_whom_one_sees_a_violation_and_one_does_not_are_looked_at_together() -> None:
    campaign = factories.campaign(track=Track.SAFETY, raters_per_item=2)
    pair = factories.comparison(campaign)
    factories.judge(pair, score=-2, safety={Position.A: 4, Position.B: 2})
    factories.judge(pair, score=-2, safety={Position.A: 4, Position.B: 3})
    factories.judged_comparison(campaign)
    factories.review_plan(campaign, safety=True)
    assert drawn(campaign) == {None: [ReviewReason.SAFETY]}
    assert Review.objects.get().comparison == pair


@pytest.mark.parametrize(("scores", "is_split"), [([-3, 3], True), ([-1, -4], False)], ids=["either side", "one side"])
def test_a_comparison_whose_raters_split_is_drawn_once_it_has_all_its_judgments(
    scores: list[int], is_split: bool
) -> None:
    campaign = factories.campaign(raters_per_item=2)
    factories.review_plan(campaign, splits=True)
    pair = factories.comparison(campaign)
    for score in scores:
        assert drawn(campaign) == {}
        factories.judge(pair, score=score)
    assert drawn(campaign) == ({None: [ReviewReason.SPLIT]} if is_split else {})


def test_imported_judgments_have_nobody_to_return_them_to_and_are_not_drawn() -> None:
    campaign = factories.campaign(raters_per_item=2)
    factories.imported_comparison(campaign, votes=[factories.vote(), factories.vote(annotator="bob", chosen="b")])
    factories.review_plan(campaign, percent=100, splits=True, newcomers=5)
    assert drawn(campaign) == {}


def test_hidden_comparisons_are_not_drawn() -> None:
    campaign = factories.campaign()
    pair = comparisons.copy(original=factories.comparison(campaign), purpose=Purpose.GOLD)
    slots.spare(pair)
    factories.judge(pair)
    factories.review_plan(campaign, percent=100, newcomers=5)
    assert drawn(campaign) == {}


def test_a_comparison_is_held_from_the_draw_to_its_last_decision() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pair = factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=100)
    reviewer = factories.reviewer(campaign)
    review_draws.draw(campaign=campaign)
    for is_held in (True, True):
        assert Comparison.objects.get(pk=pair.pk).held is is_held
        review = reviews.take(campaign=campaign, by=reviewer)
        assert review is not None
        reviews.approve(key=review.key, by=reviewer, revision=0)
    assert not Comparison.objects.get(pk=pair.pk).held
    batch = batches.seal(week=week_of(pair.created_at), campaigns=[campaign], by=None)
    assert batch.items.get().comparison == pair


def test_what_is_sealed_is_not_drawn_any_more() -> None:
    campaign = factories.campaign()
    factories.batch(campaign)
    factories.review_plan(campaign, percent=100)
    assert drawn(campaign) == {}


def test_one_look_may_have_several_reasons() -> None:
    campaign = factories.campaign()
    rating = factories.judge(factories.comparison(campaign))
    flags.raise_flag(comparison=rating.comparison, by=rating.annotator, reason="other")
    factories.review_plan(campaign, percent=100, newcomers=1, flagged=True)
    assert drawn(campaign) == {rating.pk: [ReviewReason.SAMPLE, ReviewReason.NEWCOMER, ReviewReason.FLAG]}
    assert Review.objects.get().status == ReviewStatus.WAITING
