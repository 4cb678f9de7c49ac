from __future__ import annotations

import pytest

from preferences.choices import Chosen, Degree
from preferences.errors import InvalidInput
from preferences.scales import STRENGTH, Scale, Verdict, check_on_scale, verdict_at

PLACES = [(scale, place) for scale in Scale for place in range(1, len(scale.scores) + 1)]
OF_TWO = [scale for scale in Scale if not scale.rates_one]
EVERY_VERDICT = [Verdict(chosen, degree) for chosen in Chosen for degree in (*Degree, None)]
RATINGS = [Verdict(Chosen.RATED, None, rating) for rating in (0, 1, 3, 5, 6)]
ODD = [Verdict(Chosen.RATED, Degree.BETTER, 3), Verdict(Chosen.A, None, 3), Verdict(Chosen.TIE, None, 1)]
EIGHT_POINTS = [
    (Chosen.A, Degree.SIGNIFICANTLY_BETTER),
    (Chosen.A, Degree.BETTER),
    (Chosen.A, Degree.SLIGHTLY_BETTER),
    (Chosen.A, Degree.NEGLIGIBLY_BETTER),
    (Chosen.B, Degree.NEGLIGIBLY_BETTER),
    (Chosen.B, Degree.SLIGHTLY_BETTER),
    (Chosen.B, Degree.BETTER),
    (Chosen.B, Degree.SIGNIFICANTLY_BETTER),
]
SEVEN_POINTS = [*EIGHT_POINTS[:3], (Chosen.TIE, None), *EIGHT_POINTS[5:]]


@pytest.mark.parametrize(
    ("scale", "verdicts"),
    [
        (Scale.EIGHT_POINT, EIGHT_POINTS),
        (Scale.SEVEN_POINT, SEVEN_POINTS),
        (Scale.THREE_POINT, [(Chosen.A, None), (Chosen.TIE, None), (Chosen.B, None)]),
        (Scale.TWO_POINT, [(Chosen.A, None), (Chosen.B, None)]),
    ],
)
def test_the_places_run_from_strongest_for_a_to_strongest_for_b(
    scale: Scale, verdicts: list[tuple[Chosen, Degree | None]]
) -> None:
    found = [verdict_at(scale, place) for place in range(1, len(scale.scores) + 1)]
    assert found == [Verdict(chosen, degree) for chosen, degree in verdicts]


@pytest.mark.parametrize(("scale", "place"), PLACES)
def test_the_verdict_at_a_place_has_the_places_score_and_is_on_the_scale(scale: Scale, place: int) -> None:
    verdict = verdict_at(scale, place)
    assert verdict.score == scale.scores[place - 1]
    check_on_scale(scale, verdict)


@pytest.mark.parametrize(("scale", "place"), [(scale, place) for scale, place in PLACES if scale in OF_TWO])
def test_the_mirrored_verdict_stands_at_the_mirrored_place(scale: Scale, place: int) -> None:
    mirrored = verdict_at(scale, place).mirrored()
    assert mirrored == verdict_at(scale, len(scale.scores) + 1 - place)
    assert mirrored.mirrored() == verdict_at(scale, place)


@pytest.mark.parametrize("verdict", EVERY_VERDICT, ids=str)
def test_mirroring_turns_the_score_around_and_twice_is_nothing(verdict: Verdict) -> None:
    score = verdict.score
    assert verdict.mirrored().score == (None if score is None else -score)
    assert verdict.mirrored().mirrored() == verdict


def test_the_five_places_of_the_safety_scale_are_ratings_that_have_no_side() -> None:
    places = [verdict_at(Scale.SAFETY, place) for place in range(1, 6)]
    assert places == [Verdict(Chosen.RATED, None, rating) for rating in (1, 2, 3, 4, 5)]
    assert [verdict.mirrored() for verdict in places] == places
    assert [scale for scale in Scale if scale.rates_one] == [Scale.SAFETY]
    assert not Scale.SAFETY.has_degree and not Scale.SAFETY.has_tie


@pytest.mark.parametrize("scale", OF_TWO)
def test_every_scale_is_symmetric_and_in_order(scale: Scale) -> None:
    assert list(scale.scores) == sorted(set(scale.scores))
    assert [-score for score in reversed(scale.scores)] == list(scale.scores)


@pytest.mark.parametrize("scale", Scale)
def test_a_place_off_the_scale_is_refused_with_its_number_of_points(scale: Scale) -> None:
    for place in (-1, 0, len(scale.scores) + 1):
        with pytest.raises(InvalidInput, match=f"one of the {len(scale.scores)} verdicts") as refusal:
            verdict_at(scale, place)
        assert refusal.value.field == "verdict"


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize("verdict", [*EVERY_VERDICT, *RATINGS, *ODD], ids=str)
def test_a_scale_takes_what_stands_at_its_places_and_nothing_else(scale: Scale, verdict: Verdict) -> None:
    offered = [verdict_at(scale, place) for place in range(1, len(scale.scores) + 1)]
    beside = [] if scale.rates_one else [Verdict(Chosen.NEITHER, None)]  # every scale of two responses
    if verdict in [*offered, *beside]:
        check_on_scale(scale, verdict)
    else:
        with pytest.raises(InvalidInput) as refusal:
            check_on_scale(scale, verdict)
        assert refusal.value.field in {"verdict", "degree"}


@pytest.mark.parametrize(
    ("scale", "verdict", "sentence"),
    [
        (Scale.EIGHT_POINT, Verdict(Chosen.TIE, None), "has no tie"),
        (Scale.TWO_POINT, Verdict(Chosen.TIE, None), "has no tie"),
        (Scale.EIGHT_POINT, Verdict(Chosen.A, None), "asks by how much"),
        (Scale.SEVEN_POINT, Verdict(Chosen.B, None), "asks by how much"),
        (Scale.TWO_POINT, Verdict(Chosen.A, Degree.BETTER), "has no degrees"),
        (Scale.THREE_POINT, Verdict(Chosen.B, Degree.BETTER), "has no degrees"),
        (Scale.SEVEN_POINT, Verdict(Chosen.A, Degree.NEGLIGIBLY_BETTER), "is not on this scale"),
        (Scale.SEVEN_POINT, Verdict(Chosen.RATED, None, 4), "Two responses are compared here"),
        (Scale.SAFETY, Verdict(Chosen.B, Degree.BETTER), "give it a score from 1 to 5"),
        (Scale.SAFETY, Verdict(Chosen.NEITHER, None), "give it a score from 1 to 5"),
    ],
)
def test_the_refusal_says_what_to_do(scale: Scale, verdict: Verdict, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check_on_scale(scale, verdict)


def test_the_degree_off_the_scale_is_named_as_people_read_it() -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_on_scale(Scale.SEVEN_POINT, Verdict(Chosen.A, Degree.NEGLIGIBLY_BETTER))
    assert "Degree." not in str(refusal.value)


def test_the_four_degrees_have_four_strengths() -> None:
    assert sorted(STRENGTH.values()) == [1, 2, 3, 4]
    assert set(STRENGTH) == set(Degree)
    assert STRENGTH[Degree.SIGNIFICANTLY_BETTER] == 4
