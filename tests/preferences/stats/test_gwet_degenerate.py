import numpy as np
import pytest

from preferences.stats import Agreement, RatingPatterns, ac1, ac2, gwet_ac

from .reference import known

UNKNOWN = (None, None, None)


def precision(result: Agreement) -> tuple[float | None, ...]:
    return result.se, result.low, result.high


@pytest.mark.parametrize("q", [0, 1])
def test_a_scale_with_fewer_than_two_categories_has_no_agreement(q) -> None:
    result = ac1(RatingPatterns.from_counts(np.ones((3, q), dtype=int)))
    assert result.value is None
    assert precision(result) == UNKNOWN
    assert result.note == "Agreement needs a scale with at least two categories."


@pytest.mark.parametrize("coefficient", [ac1, ac2])
def test_no_ratings_give_no_number_but_a_note(coefficient) -> None:
    result = coefficient(RatingPatterns.from_ratings([], q=4))
    assert (result.value, result.percent_agreement, result.chance_agreement) == UNKNOWN
    assert precision(result) == UNKNOWN
    assert (result.units, result.ratings) == (0, 0)
    assert result.note == "Nothing has been rated yet."


def test_units_rated_once_each_give_no_number_but_a_note() -> None:
    result = ac1(RatingPatterns.from_ratings([[0, -1], [-1, 1]], q=2))
    assert result.value is None
    assert (result.units, result.ratings) == (2, 2)
    assert result.note == "No item has two ratings yet, so there is no agreement to measure."


def test_a_single_unit_has_a_value_of_unknown_precision() -> None:
    result = ac1(RatingPatterns.from_ratings([[0, 0, 1]], q=2))
    assert result.value == pytest.approx((1 / 3 - 4 / 9) / (5 / 9))
    assert precision(result) == UNKNOWN
    assert result.note == "Only one item has been rated, so the precision of this value is unknown."


def test_a_single_unit_in_full_agreement_is_still_of_unknown_precision() -> None:
    result = ac1(RatingPatterns.from_ratings([[1, 1, 1]], q=3))
    assert result.value == 1
    assert precision(result) == UNKNOWN


@pytest.mark.parametrize("ratings", [[[2, 2]] * 5, [[2, 2, 2], [2, 2, -1], [2, -1, -1]]])
def test_everything_in_one_category_is_full_agreement_with_a_warning_note(ratings) -> None:
    result = ac1(RatingPatterns.from_ratings(ratings, q=3))
    assert result.value == 1
    assert precision(result) == (0, 1, 1)
    assert result.chance_agreement == 0
    assert "same category" in str(result.note)


def test_full_agreement_over_several_categories_has_an_interval_without_width() -> None:
    result = ac2(RatingPatterns.from_ratings([[0, 0], [1, 1], [2, 2], [2, 2]], q=3))
    assert result.value == 1
    assert precision(result) == (0, 1, 1)
    assert "interval has no width" in str(result.note)


def test_full_disagreement_of_two_raters_is_minus_one() -> None:
    result = ac1(RatingPatterns.from_ratings([[0, 1], [1, 0], [0, 1]], q=2))
    assert result.value == -1
    assert precision(result) == (0, -1, -1)
    assert "interval has no width" in str(result.note)


def test_units_with_one_and_the_same_pattern_have_no_spread_at_all_not_even_from_rounding() -> None:
    result = ac2(RatingPatterns.from_ratings([[0, 1, 2], [2, 0, 1], [1, 2, 0]], q=3))
    assert result.se == 0
    assert result.low == result.value == result.high


def test_the_lower_limit_stops_at_minus_one() -> None:
    result = ac1(RatingPatterns.from_ratings([[0, 1], [0, 1], [1, 1]], q=2))
    assert known(result.value) - 4.3 * known(result.se) < -1
    assert result.low == -1


def test_single_ratings_can_push_the_value_below_minus_one_and_the_interval_still_holds_it() -> None:
    singles = [[1, -1], [2, -1], [3, -1]] * 10
    result = ac2(RatingPatterns.from_ratings([[0, 4], *singles], q=5))
    assert result.low == known(result.value) < -1
    assert known(result.high) > known(result.value)


def test_weights_that_call_everything_agreement_leave_nothing_to_measure() -> None:
    result = gwet_ac(RatingPatterns.from_ratings([[0, 1], [1, 0]], q=2), np.ones((2, 2)))
    assert result.value is None
    assert (result.percent_agreement, result.chance_agreement) == (1, 1)
    assert "by chance" in str(result.note)
