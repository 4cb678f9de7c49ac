from __future__ import annotations

import numpy as np

from preferences import degrees
from preferences.choices import Degree
from preferences.scales import Scale
from preferences.stats.tables import RatingPatterns


def test_places_of_one_degree_are_together_whichever_response_it_is_for() -> None:
    groups = degrees.groups(Scale.EIGHT_POINT)
    assert [(group.word, group.places) for group in groups] == [
        (Degree.SIGNIFICANTLY_BETTER, (0, 7)),
        (Degree.BETTER, (1, 6)),
        (Degree.SLIGHTLY_BETTER, (2, 5)),
        (Degree.NEGLIGIBLY_BETTER, (3, 4)),
    ]
    assert [group.word for group in degrees.groups(Scale.SEVEN_POINT)][-1] == "tie"
    assert [group.word for group in degrees.groups(Scale.THREE_POINT)] == ["better", "tie"]
    assert [group.word for group in degrees.groups(Scale.SAFETY)] == ["5", "4", "3", "2", "1"]


def test_every_place_of_every_scale_is_in_one_group() -> None:
    for scale in Scale:
        places = [place for group in degrees.groups(scale) for place in group.places]
        assert sorted(places) == list(range(len(scale.scores))), scale


def test_the_sides_are_the_responses_or_a_violation_and_none() -> None:
    assert degrees.sides(Scale.SEVEN_POINT) == [-1, -1, -1, 0, 1, 1, 1]
    assert degrees.sides(Scale.SAFETY) == [-1, -1, 1, 1, 1]


def test_the_mix_counts_every_rating_once() -> None:
    patterns = RatingPatterns(np.array([[1, 0, 0, 1, 0, 0, 0, 1], [0, 2, 0, 0, 0, 0, 1, 0]]), np.array([4, 5]))
    assert degrees.mix(patterns, Scale.EIGHT_POINT) == [8, 15, 0, 4]


def test_agreement_by_degree_tells_degrees_apart() -> None:
    # Who says “significantly better” is agreed with, who is unsure is not.
    patterns = RatingPatterns(np.array([[3, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 2, 1, 0, 0, 0]]), np.array([50, 50]))
    found = {group.word: one for group, one in degrees.by_degree(patterns, Scale.EIGHT_POINT)}
    assert found[Degree.SIGNIFICANTLY_BETTER].value == 1.0
    assert found[Degree.NEGLIGIBLY_BETTER].value == 1 / 3
    assert found[Degree.BETTER].value is None
