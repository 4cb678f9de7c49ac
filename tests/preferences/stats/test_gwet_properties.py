import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from preferences.stats import RatingPatterns, ac1, ac2, gwet_ac, weights

from . import reference
from .tables import SCHEMES, assert_same, numbers, rated


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


@given(table=rated(), data=st.data())
@settings(deadline=None)
def test_names_of_categories_do_not_matter_where_only_equal_ones_agree(table, data) -> None:
    q, ratings = table
    names = np.array(data.draw(st.permutations(range(q))))
    renamed = np.where(ratings < 0, -1, names[ratings])
    assert_same(ac1(RatingPatterns.from_ratings(renamed, q)), ac1(RatingPatterns.from_ratings(ratings, q)))


@given(table=rated(), scheme=SCHEMES, data=st.data())
@settings(deadline=None)
def test_a_unit_on_which_all_agree_never_lowers_the_percent_agreement(table, scheme, data) -> None:
    q, ratings = table
    unanimous = np.full((1, ratings.shape[1]), data.draw(st.integers(0, q - 1)))
    before = ac2(RatingPatterns.from_ratings(ratings, q), scheme).percent_agreement
    after = ac2(RatingPatterns.from_ratings(np.vstack([ratings, unanimous]), q), scheme).percent_agreement
    assert before is None or reference.known(after) >= before - 1e-12


@given(table=rated(), scheme=SCHEMES, data=st.data())
@settings(deadline=None)
def test_patterns_with_their_numbers_give_what_their_units_give_one_by_one(table, scheme, data) -> None:
    q, ratings = table
    times = np.array(data.draw(st.lists(st.integers(1, 5), min_size=len(ratings), max_size=len(ratings))))
    counts = np.array([[int((row == k).sum()) for k in range(q)] for row in ratings])
    each = RatingPatterns.from_ratings(np.repeat(ratings, times, axis=0), q)
    assert_same(ac2(RatingPatterns(counts, times), scheme), ac2(each, scheme))
