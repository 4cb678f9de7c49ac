"""The expected best and middle of n of k scores."""

from __future__ import annotations

from itertools import combinations, pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import expected_max, expected_median
from preferences.stats.best_of_n import rank_weights

SCORES = st.lists(st.floats(-5, 5), min_size=1, max_size=8)


def test_by_hand_the_best_of_two_of_four_is_the_mean_over_six_pairs() -> None:
    scores = [3.0, 1.0, 4.0, 2.0]  # pairs have the largest 2, 3, 3, 4, 4, 4
    assert expected_max(scores, 2) == pytest.approx(20 / 6)
    assert expected_median(scores, 2) == pytest.approx(2.5)
    assert expected_median(scores, 3) == pytest.approx((2 + 2 + 3 + 3) / 4)


@given(scores=SCORES, data=st.data())
@settings(deadline=None)
def test_it_is_the_mean_over_all_ways_to_draw(scores, data) -> None:
    n = data.draw(st.integers(1, len(scores)))
    drawn = list(combinations(scores, n))
    assert expected_max(scores, n) == pytest.approx(np.mean([max(one) for one in drawn]), abs=1e-9)
    assert expected_median(scores, n) == pytest.approx(np.mean([median(one) for one in drawn]), abs=1e-9)


@given(scores=SCORES)
@settings(deadline=None)
def test_the_best_of_one_is_the_mean_and_of_all_the_largest_and_it_never_falls(scores) -> None:
    curve = [float(expected_max(scores, n)) for n in range(1, len(scores) + 1)]
    assert curve[0] == pytest.approx(np.mean(scores), abs=1e-9)
    assert curve[-1] == max(scores)
    assert all(after >= before - 1e-9 for before, after in pairwise(curve))


def test_it_is_unbiased_where_the_best_of_n_is_known() -> None:
    # The largest of n uniform numbers has the mean n / (n + 1).
    scores = np.random.default_rng(5).random((20_000, 10))
    for n in (1, 4, 10):
        assert expected_max(scores, n).mean() == pytest.approx(n / (n + 1), abs=4e-3)
    assert expected_median(scores, 5).mean() == pytest.approx(0.5, abs=4e-3)


def test_the_chances_of_a_hundred_scores_add_up_and_shapes_are_kept() -> None:
    for n, rank in ((1, 1), (50, 25), (100, 100), (37, 1)):
        assert rank_weights(100, n, rank).sum() == pytest.approx(1)
    assert expected_max(np.zeros((3, 2, 5)), 4).shape == (3, 2)


@pytest.mark.parametrize("n", [0, 4], ids=["none", "more than there are"])
def test_a_number_that_cannot_be_drawn_is_refused(n) -> None:
    with pytest.raises(ValueError, match="no rank"):
        expected_max([1.0, 2.0, 3.0], n)


def test_scores_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        expected_max([1.0, float("nan")], 1)
