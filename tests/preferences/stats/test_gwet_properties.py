import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from preferences.stats import Agreement, RatingPatterns, ac1, ac2, gwet_ac, weights
from preferences.stats.arrays import IntArray

from . import reference

SCHEMES = st.sampled_from(["identity", "linear", "quadratic", "ordinal"])


@st.composite
def rated(draw: st.DrawFn) -> tuple[int, IntArray]:
    """A scale of 2 to 5 categories and up to 12 units x 4 raters, -1 where a rating is missing."""
    q, raters = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    unit = st.lists(st.integers(-1, q - 1), min_size=raters, max_size=raters)
    return q, np.array(draw(st.lists(unit, min_size=1, max_size=12)))


def numbers(result: Agreement) -> list[float | None]:
    return [result.value, result.se, result.low, result.high, result.percent_agreement, result.chance_agreement]


def assert_same(one: Agreement, other: Agreement) -> None:
    assert (one.units, one.ratings, one.note) == (other.units, other.ratings, other.note)
    for a, b in zip(numbers(one), numbers(other), strict=True):
        assert a == b if a is None or b is None else a == pytest.approx(b, abs=1e-9)


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_patterns_give_what_the_formula_gives_row_by_row(table, scheme) -> None:
    q, ratings = table
    matrix = weights.matrix(scheme, range(q))
    result = gwet_ac(RatingPatterns.from_ratings(ratings, q), matrix)
    assume(result.value is not None)
    value, se, pa, pe = reference.gwet(ratings, matrix)
    assert result.value == pytest.approx(value, abs=1e-9)
    assert result.percent_agreement == pytest.approx(pa, abs=1e-9)
    assert result.chance_agreement == pytest.approx(pe, abs=1e-9)
    # In one category alone the plain limit is given instead; see the degenerate cases.
    if len(set(ratings[ratings >= 0].tolist())) > 1:
        assert result.se == (None if se is None else pytest.approx(se, abs=1e-9))


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_the_value_lies_in_its_interval_and_nothing_is_ever_not_a_number(table, scheme) -> None:
    q, ratings = table
    result = ac2(RatingPatterns.from_ratings(ratings, q), scheme)
    assert all(np.isfinite(number) for number in numbers(result) if number is not None)
    assert (result.low is None) == (result.high is None) == (result.se is None)
    if result.value is None or result.low is None:
        assert result.note
    else:
        assert min(-1, result.value) <= result.low <= result.value <= reference.known(result.high) <= 1


@given(table=rated(), scheme=SCHEMES, data=st.data())
@settings(deadline=None)
def test_the_order_of_units_and_raters_does_not_matter(table, scheme, data) -> None:
    q, ratings = table
    units = data.draw(st.permutations(range(ratings.shape[0])))
    raters = data.draw(st.permutations(range(ratings.shape[1])))
    shuffled = ratings[units][:, raters]
    assert_same(
        ac2(RatingPatterns.from_ratings(shuffled, q), scheme), ac2(RatingPatterns.from_ratings(ratings, q), scheme)
    )


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_turning_the_scale_around_does_not_matter(table, scheme) -> None:
    q, ratings = table
    turned = np.where(ratings < 0, -1, q - 1 - ratings)
    assert_same(
        ac2(RatingPatterns.from_ratings(turned, q), scheme), ac2(RatingPatterns.from_ratings(ratings, q), scheme)
    )


@given(table=rated())
@settings(deadline=None)
def test_ac2_with_identity_weights_is_ac1(table) -> None:
    q, ratings = table
    patterns = RatingPatterns.from_ratings(ratings, q)
    assert_same(ac2(patterns, "identity"), ac1(patterns))


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_counts_and_ratings_give_the_same_answer(table, scheme) -> None:
    q, ratings = table
    counts = [[int((row == k).sum()) for k in range(q)] for row in ratings]
    assert_same(ac2(RatingPatterns.from_counts(counts), scheme), ac2(RatingPatterns.from_ratings(ratings, q), scheme))
