"""The difference of two sides over the same items."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.stats import quantiles, wilson
from preferences.stats.paired import half_points, paired_difference

COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))


@given(wins=st.integers(0, 50), losses=st.integers(0, 50))
def test_without_ties_it_is_wilsons_interval_on_the_scale_of_differences(wins: int, losses: int) -> None:
    found, share = paired_difference(wins, losses, wins + losses), wilson(wins, wins + losses)
    if share.value is None or share.low is None or share.high is None:
        assert found.value is None
        return
    assert found.value == pytest.approx(2 * share.value - 1)
    assert (found.low, found.high) == (pytest.approx(2 * share.low - 1), pytest.approx(2 * share.high - 1))


@given(COUNTS)
def test_seen_from_the_other_side_it_is_its_mirror_image(counts: tuple[int, int, int]) -> None:
    ours, theirs, _ = counts
    n = sum(counts)
    found, mirrored = paired_difference(ours, theirs, n), paired_difference(theirs, ours, n)
    if n:
        assert (found.value, found.low, found.high) == (-mirrored.value, -mirrored.high, -mirrored.low)
        assert -1 <= found.low <= found.value <= found.high <= 1 and found.low < found.high


@given(COUNTS)
def test_the_limits_solve_the_equation_of_the_score_test(counts: tuple[int, int, int]) -> None:
    b, c, _ = counts
    n = sum(counts)
    if not n:
        return
    found, z = paired_difference(b, c, n, 0.9), quantiles.normal(0.9)
    for d in (found.low, found.high):
        if abs(d) < 1:
            linear = -b - c + (2 * n - b + c) * d
            q = ((linear**2 + 8 * n * c * d * (1 - d)) ** 0.5 - linear) / (4 * n)
            assert abs(b - c - n * d) == pytest.approx(z * (n * (2 * q + d * (1 - d))) ** 0.5, abs=1e-6)


@pytest.mark.parametrize("win, loss", [(0.3, 0.3), (0.36, 0.32), (0.7, 0.1), (0.1, 0.05), (0.85, 0.05)])
def test_it_covers_the_true_difference_as_often_as_it_says(win: float, loss: float) -> None:
    """Exactly, over all tables of 40 prompts."""
    n, covered = 40, 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            found = paired_difference(b, c, n)
            chance = comb(n, b) * comb(n - b, c) * win**b * loss**c * (1 - win - loss) ** (n - b - c)
            covered += chance * (found.low <= win - loss <= found.high)
    assert 0.93 <= covered <= 0.97


def test_points_are_the_difference_on_a_scale_from_0_to_1() -> None:
    found, difference = half_points(12, 2, 44), paired_difference(12, 2, 44)
    assert found.value == pytest.approx((12 + 30 / 2) / 44)
    assert (found.low, found.high) == ((1 + difference.low) / 2, (1 + difference.high) / 2)


def test_with_ties_only_it_is_still_no_certainty() -> None:
    z = quantiles.normal(0.95)
    assert paired_difference(0, 0, 20).high == pytest.approx(z**2 / (20 + z**2))


def test_nothing_has_no_difference_and_impossible_counts_are_refused() -> None:
    assert paired_difference(0, 0, 0).value is half_points(0, 0, 0).value is None
    for counts in [(3, 2, 4), (-1, 2, 4)]:
        with pytest.raises(ValueError, match="cannot speak"):
            paired_difference(*counts)
