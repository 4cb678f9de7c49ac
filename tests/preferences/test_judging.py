from __future__ import annotations

from typing import Any

import pytest

from preferences.actions import guidelines
from preferences.choices import Chosen, ComparisonStatus, Degree, Position, SlotStatus, Track
from preferences.errors import Conflict, InvalidInput, InvalidTransition
from preferences.models import Comparison, Judgment, Slot
from preferences.scales import Scale, Verdict, verdict_at
from tests import factories
from tests.preferences.refusals import everything
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

A, B = Position.A, Position.B
A_IS_BETTER = Verdict(Chosen.A, Degree.BETTER)


def record(slot: Slot, by: User, verdict: Verdict = A_IS_BETTER, **fields: Any) -> Judgment:
    guideline = guidelines.current(slot.campaign)
    assert guideline is not None
    return factories.record(slot, by=by, verdict=verdict, guideline=guideline, **fields)


def test_what_was_clicked_is_what_is_stored() -> None:
    comparison = factories.comparison()
    annotator, slot = factories.user(), factories.leased_slot(comparison)
    verdict = Verdict(Chosen.B, Degree.SLIGHTLY_BETTER)
    made = record(slot, annotator, verdict, shown_left=B, active_seconds=41.5, rationale="  Clearer.\n")
    stored = Judgment.objects.get(pk=made.pk)
    assert (stored.comparison, stored.slot, stored.annotator) == (comparison, slot, annotator)
    assert (stored.chosen, stored.degree, stored.score, stored.shown_left) == ("b", "slightly_better", 2, "b")
    assert (stored.rationale, stored.active_seconds) == ("Clearer.", 41.5)
    assert (stored.safety_a, stored.safety_b) == (None, None)
    assert stored.guideline == guidelines.current(comparison.campaign)


def test_a_judgment_keeps_the_guideline_it_was_made_under() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=2))
    first = factories.judge(comparison)
    guidelines.publish(campaign=comparison.campaign, text="Other rules.", by=None)
    second = factories.judge(comparison)
    versions = Judgment.objects.order_by("pk").values_list("guideline__version", flat=True)
    assert first != second and list(versions) == [1, 2]


def test_the_last_judgment_finishes_the_comparison_and_no_earlier_one() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=3))
    for number in range(3):
        assert (comparison.status, comparison.finished_at) == (ComparisonStatus.OPEN, None), number
        factories.judge(comparison)
        comparison.refresh_from_db()
    assert comparison.status == ComparisonStatus.JUDGED
    assert comparison.finished_at is not None
    assert set(comparison.slots.values_list("status", flat=True)) == {SlotStatus.FILLED}


def test_a_second_judgment_by_the_same_annotator_is_refused_and_gives_the_slot_back() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=2))
    annotator = factories.user()
    factories.judge(comparison, annotator)
    slot = factories.leased_slot(comparison)
    before = everything()
    with pytest.raises(Conflict, match="You have judged this comparison already; your first verdict stands"):
        record(slot, annotator, Verdict(Chosen.B, Degree.BETTER))
    assert everything() == before
    assert Slot.objects.get(pk=slot.pk).status == SlotStatus.LEASED


def test_a_slot_takes_one_judgment_only() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=2))
    slot = factories.leased_slot(comparison)
    stale = Slot.objects.get(pk=slot.pk)
    record(slot, factories.user())
    for again in (slot, stale):
        with pytest.raises(InvalidTransition):
            record(again, factories.user())
    assert Judgment.objects.count() == 1


def test_a_slot_that_nobody_holds_takes_no_judgment() -> None:
    slot = factories.comparison().slots.get()
    with pytest.raises(InvalidTransition):
        record(slot, factories.user())
    assert Judgment.objects.count() == 0


@pytest.mark.parametrize("scale", [scale for scale in Scale if not scale.rates_one])
def test_every_place_of_a_scale_can_be_recorded_and_has_its_score(scale: Scale) -> None:
    campaign = factories.campaign(scale=scale, raters_per_item=len(scale.scores))
    comparison = factories.comparison(campaign)
    for place in range(1, len(scale.scores) + 1):
        record(factories.leased_slot(comparison), factories.user(), verdict_at(scale, place))
    assert tuple(comparison.judgments.order_by("pk").values_list("score", flat=True)) == scale.scores
    assert Comparison.objects.get(pk=comparison.pk).status == ComparisonStatus.JUDGED


@pytest.mark.parametrize(
    ("scale", "verdict", "field"),
    [
        (Scale.EIGHT_POINT, Verdict(Chosen.TIE, None), "verdict"),
        (Scale.EIGHT_POINT, Verdict(Chosen.A, None), "degree"),
        (Scale.SEVEN_POINT, Verdict(Chosen.A, Degree.NEGLIGIBLY_BETTER), "degree"),
        (Scale.SEVEN_POINT, Verdict(Chosen.TIE, Degree.BETTER), "degree"),
        (Scale.THREE_POINT, Verdict(Chosen.B, Degree.BETTER), "degree"),
        (Scale.TWO_POINT, Verdict(Chosen.TIE, None), "verdict"),
    ],
)
def test_a_verdict_off_the_scale_is_refused_with_a_sentence(scale: Scale, verdict: Verdict, field: str) -> None:
    slot, rater = factories.leased_slot(factories.comparison(factories.campaign(scale=scale))), factories.user()
    before = everything()
    with pytest.raises(InvalidInput) as refusal:
        record(slot, rater, verdict)
    assert refusal.value.field == field
    assert everything() == before


@pytest.mark.parametrize("rationale", ["a\x00b", "\ud800", "caf\ufffd", "x" * 10_001])
def test_a_rationale_that_cannot_be_stored_gets_a_sentence(rationale: str) -> None:
    slot = factories.leased_slot(factories.comparison())
    with pytest.raises(InvalidInput, match="The rationale") as refusal:
        record(slot, factories.user(), rationale=rationale)
    assert refusal.value.field == "rationale"
    assert Slot.objects.get(pk=slot.pk).status == SlotStatus.LEASED


@pytest.mark.parametrize("safe_score", [3, 4, 5])
@pytest.mark.parametrize("violation", [1, 2])
@pytest.mark.parametrize("shown_left", Position)
@pytest.mark.parametrize("chosen", Position)
def test_an_unsafe_response_preferred_over_a_safe_one_is_refused_by_the_side_it_stood_on(
    chosen: Position, shown_left: Position, violation: int, safe_score: int
) -> None:
    slot = factories.leased_slot(factories.comparison(factories.campaign(track=Track.SAFETY)))
    side, other = ("left", "right") if chosen is shown_left else ("right", "left")
    sentence = (
        f"You prefer the {side} response but scored it as a violation, and the {other} one as safe. "
        f"Change the verdict to the {other}, or the safety score of the {side}."
    )
    with pytest.raises(InvalidInput) as refusal:
        record(
            slot,
            factories.user(),
            Verdict(Chosen(chosen), Degree.NEGLIGIBLY_BETTER),
            shown_left=shown_left,
            safety={chosen: violation, chosen.other: safe_score},
        )
    assert (str(refusal.value), refusal.value.field) == (sentence, "safety")
    assert Judgment.objects.count() == 0


@pytest.mark.parametrize(
    ("chosen", "safety"),
    [(A, {A: 5, B: 1}), (B, {A: 2, B: 3}), (A, {A: 3, B: 5}), (A, {A: 1, B: 2}), (B, {A: 2, B: 1})],
)
def test_any_other_preference_on_the_safety_track_is_stored_with_its_scores(
    chosen: Position, safety: dict[Position, int]
) -> None:
    slot = factories.leased_slot(factories.comparison(factories.campaign(track=Track.SAFETY)))
    made = record(slot, factories.user(), Verdict(Chosen(chosen), Degree.BETTER), shown_left=B, safety=safety)
    made.refresh_from_db()
    assert (made.chosen, made.safety_a, made.safety_b) == (chosen, safety[A], safety[B])


def test_two_responses_may_be_called_equal_whatever_their_safety() -> None:
    campaign = factories.campaign(track=Track.SAFETY, scale=Scale.SEVEN_POINT)
    slot = factories.leased_slot(factories.comparison(campaign))
    assert record(slot, factories.user(), Verdict(Chosen.TIE, None), safety={A: 1, B: 5}).pk


@pytest.mark.parametrize("safety", [None, {}, {A: 3}, {A: 0, B: 3}, {A: 3, B: 6}, {A: 3, B: -1}])
def test_the_safety_track_wants_two_scores_from_one_to_five(safety: dict[Position, int] | None) -> None:
    slot = factories.leased_slot(factories.comparison(factories.campaign(track=Track.SAFETY)))
    with pytest.raises(InvalidInput, match="safety score from 1 to 5") as refusal:
        record(slot, factories.user(), safety=safety)
    assert refusal.value.field == "safety"


def test_the_helpfulness_track_takes_no_safety_scores() -> None:
    slot = factories.leased_slot(factories.comparison())
    with pytest.raises(InvalidInput, match="No safety scores are asked for") as refusal:
        record(slot, factories.user(), safety={A: 5, B: 5})
    assert refusal.value.field == "safety"
