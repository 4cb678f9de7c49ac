"""What is stored is what was clicked, whichever response was shown on the left."""

from __future__ import annotations

import pytest

from annotation import queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.choices import Degree, Position
from preferences.errors import InvalidInput
from preferences.models import Campaign, Judgment
from preferences.scales import Scale
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign

pytestmark = pytest.mark.django_db

SIGNIFICANTLY, BETTER, SLIGHTLY, NEGLIGIBLY = Degree

# The buttons of each scale, from the leftmost: which side was clicked, and the degree under it.
BUTTONS: dict[Scale, list[tuple[str, str]]] = {
    Scale.EIGHT_POINT: [
        ("left", SIGNIFICANTLY),
        ("left", BETTER),
        ("left", SLIGHTLY),
        ("left", NEGLIGIBLY),
        ("right", NEGLIGIBLY),
        ("right", SLIGHTLY),
        ("right", BETTER),
        ("right", SIGNIFICANTLY),
    ],
    Scale.SEVEN_POINT: [
        ("left", SIGNIFICANTLY),
        ("left", BETTER),
        ("left", SLIGHTLY),
        ("tie", ""),
        ("right", SLIGHTLY),
        ("right", BETTER),
        ("right", SIGNIFICANTLY),
    ],
    Scale.THREE_POINT: [("left", ""), ("tie", ""), ("right", "")],
    Scale.TWO_POINT: [("left", ""), ("right", "")],
}
CLICKS = [
    pytest.param(scale, place, side, degree, left, id=f"{scale}-{place}-with-{left}-on-the-left")
    for scale, buttons in BUTTONS.items()
    for place, (side, degree) in enumerate(buttons, start=1)
    for left in Position
]


def shown(campaign: Campaign, left: Position) -> Assignment:
    """A claimed pair with this response on the left."""
    new_comparison(campaign)
    assignment = claimed(campaign, new_annotator(campaign))
    Assignment.objects.filter(pk=assignment.pk).update(shown_left=left)
    return assignment


@pytest.mark.parametrize(("scale", "place", "side", "degree", "left"), CLICKS)
def test_it_stores_what_was_clicked(scale: Scale, place: int, side: str, degree: str, left: Position) -> None:
    assignment = shown(open_campaign(scale=scale), left)

    queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=place))

    stored = Judgment.objects.get()
    assert stored.chosen == {"left": left, "right": left.other, "tie": "tie"}[side]
    assert stored.degree == degree
    assert stored.shown_left == left
    strength = {SIGNIFICANTLY: 4, BETTER: 3, SLIGHTLY: 2, NEGLIGIBLY: 1, "": 0 if side == "tie" else 1}[degree]
    assert stored.score == (-strength if stored.chosen == "a" else strength)


@pytest.mark.parametrize("scale", [scale for scale in Scale if not scale.rates_one])
def test_it_refuses_a_place_that_the_scale_does_not_have(scale: Scale) -> None:
    assignment = shown(open_campaign(scale=scale), Position.B)

    for place in (-1, 0, len(scale.scores) + 1):
        with pytest.raises(InvalidInput, match=f"Choose one of the {len(scale.scores)} verdicts"):
            queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=place))
    assert not Judgment.objects.exists()


def test_it_shows_either_response_on_the_left_about_as_often() -> None:
    campaign = open_campaign()
    for _ in range(30):
        new_comparison(campaign)
    crowd = [new_annotator(campaign) for _ in range(30)]

    lefts = [claimed(campaign, person).shown_left for person in crowd]

    assert 3 <= lefts.count("a") <= 27  # outside of this once in a million runs


@pytest.mark.parametrize("left", Position)
def test_it_maps_safety_scores_to_the_response_they_were_given_to(left: Position) -> None:
    assignment = shown(open_campaign(track="safety"), left)

    answer = Answer(place=2, safety_left=5, safety_right=1)
    queue.submit(key=assignment.key, by=assignment.annotator, answer=answer)

    stored = Judgment.objects.get()
    scores = {"a": stored.safety_a, "b": stored.safety_b}
    assert scores == {left: 5, left.other: 1}
    assert stored.chosen == left


@pytest.mark.parametrize("left", Position)
@pytest.mark.parametrize(("place", "side", "other"), [(1, "left", "right"), (8, "right", "left")])
def test_it_refuses_an_unsafe_response_over_a_safe_one_naming_the_side_seen(
    left: Position, place: int, side: str, other: str
) -> None:
    assignment = shown(open_campaign(track="safety"), left)
    left_score, right_score = (2, 3) if side == "left" else (3, 2)
    answer = Answer(place=place, safety_left=left_score, safety_right=right_score)

    with pytest.raises(InvalidInput, match=f"You prefer the {side} response but scored it as a violation") as refused:
        queue.submit(key=assignment.key, by=assignment.annotator, answer=answer)

    assert refused.value.field == "safety"
    assert not Judgment.objects.exists()


@pytest.mark.parametrize(("left_score", "right_score"), [(None, None), (3, None), (None, 3), (0, 3), (3, 6)])
def test_it_wants_both_safety_scores_on_the_safety_track(left_score: int | None, right_score: int | None) -> None:
    assignment = shown(open_campaign(track="safety"), Position.A)

    with pytest.raises(InvalidInput, match="safety score from 1 to 5"):
        queue.submit(
            key=assignment.key,
            by=assignment.annotator,
            answer=Answer(place=1, safety_left=left_score, safety_right=right_score),
        )


def test_it_refuses_safety_scores_on_the_helpfulness_track() -> None:
    assignment = shown(open_campaign(), Position.A)

    with pytest.raises(InvalidInput, match="No safety scores are asked for"):
        queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=1, safety_left=3, safety_right=3))
