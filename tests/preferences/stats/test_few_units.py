import numpy as np
import pytest
from hypothesis import given, settings

from preferences.stats import (
    ClusteredPatterns,
    RatingPatterns,
    ac1,
    ac2,
    gwet_ac,
    gwet_few_units,
    planning,
    weights,
)
from preferences.stats.gwet import estimate

from .reference import FOUR_RATERS, known
from .tables import SCHEMES, rated


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_it_holds_the_value_and_has_limits_wherever_there_are_two_units(table, scheme) -> None:
    q, ratings = table
    patterns, matrix = RatingPatterns.from_ratings(ratings, q), weights.matrix(scheme, range(q))
    interval, plain = gwet_few_units(patterns, matrix), gwet_ac(patterns, matrix)
    assert interval.value == plain.value
    assert (interval.low is None) == (interval.high is None) == (plain.low is None)
    if interval.low is not None:
        assert min(-1, known(plain.value)) <= interval.low <= known(plain.value) <= known(interval.high) <= 1
        assert interval.low < known(interval.high)


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_clusters_of_one_unit_give_what_no_clusters_give_up_to_the_unit_that_is_added(table, scheme) -> None:
    q, ratings = table
    counts = np.tile([[(row == k).sum() for k in range(q)] for row in ratings], (50, 1))
    matrix = weights.matrix(scheme, range(q))
    plain = gwet_few_units(RatingPatterns.from_counts(counts), matrix)
    clustered = gwet_few_units(ClusteredPatterns.from_rows(np.arange(len(counts)), counts), matrix)
    assert (clustered.low is None) == (plain.low is None)
    if plain.low is not None:
        assert clustered.low == pytest.approx(plain.low, abs=0.02)
        assert clustered.high == pytest.approx(known(plain.high), abs=0.02)


def test_units_repeated_within_clusters_add_little_to_what_is_known() -> None:
    counts = np.array([[(row == k).sum() for k in range(5)] for row in np.vstack([FOUR_RATERS] * 3)])
    once, thirtyfold = (
        gwet_few_units(ClusteredPatterns.from_rows(np.arange(36), counts, np.full(36, n)), np.eye(5)) for n in (1, 30)
    )
    widths = [known(interval.high) - known(interval.low) for interval in (once, thirtyfold)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_with_many_units_it_is_the_plain_interval() -> None:
    counts = RatingPatterns.from_ratings(FOUR_RATERS[:9, 1:], 5)
    many = RatingPatterns(counts.counts, counts.multiplicity * 5000)
    interval, plain = gwet_few_units(many, weights.quadratic(range(5))), ac2(many)
    assert known(interval.low) == pytest.approx(known(plain.low), abs=2e-4)
    assert known(interval.high) == pytest.approx(known(plain.high), abs=2e-4)


def test_full_agreement_of_few_units_is_no_certainty_and_of_more_is_more() -> None:
    few, more = (RatingPatterns.from_ratings([[0, 0], [1, 1]] * n, 2) for n in (10, 100))
    assert ac1(few).low == 1
    low, lower_still = (known(gwet_few_units(patterns, np.eye(2)).low) for patterns in (more, few))
    assert 0.5 < lower_still < 0.9 < low < 1


@pytest.mark.parametrize(("agreement", "units", "raters"), [(0.9, 20, 3), (0.9, 50, 2), (0.95, 50, 3)])
def test_it_covers_the_truth_where_the_plain_interval_does_not(agreement, units, raters) -> None:
    matrix = weights.quadratic(range(8))
    counts, chances = planning.model(planning.rater_quality(agreement, matrix), raters, 8)
    truth = known(estimate(counts, chances, matrix).value)
    ours, plain = [], []
    for drawn in np.random.default_rng(91).multinomial(units, chances, size=400):
        patterns = RatingPatterns(counts[drawn > 0], drawn[drawn > 0])
        interval, gwets = gwet_few_units(patterns, matrix), gwet_ac(patterns, matrix)
        ours.append(known(interval.low) <= truth <= known(interval.high))
        plain.append(known(gwets.low) <= truth <= known(gwets.high))
    assert np.mean(plain) < 0.87
    assert np.mean(ours) >= 0.93


def test_single_ratings_do_not_widen_it_as_they_widen_the_plain_interval() -> None:
    pairs = [[0, 0]] * 40 + [[1, 1]] * 40 + [[0, 1]] * 4
    singles = [[0, -1], [1, -1]] * 200
    both = RatingPatterns.from_ratings(pairs + singles, 2)
    without = RatingPatterns.from_ratings(pairs, 2)
    widths = [known(i.high) - known(i.low) for i in (gwet_few_units(p, np.eye(2)) for p in (both, without))]
    assert widths[0] == pytest.approx(widths[1], rel=0.1)
    assert known(ac1(both).se) > 2 * known(ac1(without).se)


def test_where_there_is_nothing_to_estimate_there_is_no_interval() -> None:
    nothing = gwet_few_units(RatingPatterns.from_ratings([], 3), np.eye(3))
    assert (nothing.value, nothing.low, nothing.high) == (None, None, None)
    one = gwet_few_units(RatingPatterns.from_ratings([[0, 0, 1]], 3), np.eye(3))
    assert (one.value is None, one.low, one.high) == (False, None, None)
    dialogue = gwet_few_units(ClusteredPatterns.from_rows([1, 1], [[2, 1], [0, 3]]), np.eye(2))
    assert (dialogue.value is None, dialogue.low, dialogue.high) == (False, None, None)
