"""Win rates of judgments that depend on each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.stats.intervals import Interval
from preferences.stats.paired import half_points
from preferences.stats.win_rates import clustered_win_rate


def test_without_judgments_or_with_one_cluster_there_are_no_limits() -> None:
    assert clustered_win_rate([], []) == Interval(value=None, low=None, high=None, confidence=0.95)
    assert clustered_win_rate([1, 0, -1, 1], [7, 7, 7, 7]) == Interval(
        value=0.625, low=None, high=None, confidence=0.95
    )


def test_judgments_that_repeat_each_other_are_worth_one() -> None:
    """Each judgment twice: D = 4/3 * (sum of (2x)^2 / sum over both of x^2) = 8/3 of four clusters."""
    outcome, cluster = [1, 1, 1, 1, 1, 1, -1, -1], [0, 0, 1, 1, 2, 2, 3, 3]
    expected = half_points(6 / (8 / 3), 2 / (8 / 3), 3)
    found = clustered_win_rate(outcome, cluster)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert found.value == 0.75


def test_where_all_say_the_same_each_cluster_says_it_once() -> None:
    assert clustered_win_rate([1] * 6, [0, 0, 0, 1, 1, 1]) == half_points(2, 0, 2)


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=40))
def test_judgments_alone_in_their_clusters_are_independent(outcome: list[int]) -> None:
    """But for the k / (k - 1) of few clusters, which widens: the plain interval lies within."""
    found = clustered_win_rate(outcome, list(range(len(outcome))))
    plain = half_points(outcome.count(1), outcome.count(-1), len(outcome))
    assert found.value == pytest.approx(plain.value)
    assert found.low is not None and plain.low is not None and found.low <= plain.low + 1e-9
    assert found.high is not None and plain.high is not None and found.high >= plain.high - 1e-9


@pytest.mark.parametrize(("outcome", "cluster"), [([2], [0]), ([1, 1], [0]), ([[1]], [[0]])], ids=str)
def test_what_is_no_list_of_outcomes_is_refused(outcome: list[int], cluster: list[int]) -> None:
    with pytest.raises(ValueError, match="Each judgment needs one cluster"):
        clustered_win_rate(outcome, cluster)
