"""The best point of a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import optimum
from preferences.stats.optimum import smoother
from preferences.stats.resamples import limits, resampled_means

GRID = np.arange(1, 16) / 10


def curves(peak: float, units: int, *, noise: float, seed: int = 1) -> np.ndarray:
    """Values of every unit at every point: a slow rise to the peak, a steep fall behind it, a level of each unit."""
    rng = np.random.default_rng(seed)
    behind = np.maximum(GRID - peak, 0)
    mean = 0.5 - 0.1 * (peak - np.minimum(GRID, peak)) - behind**2
    return mean[:, None] + rng.normal(0, 0.3, units) + rng.normal(0, noise, (GRID.size, units))


@given(points=st.integers(4, 15), seed=st.integers(0, 10_000))
@settings(deadline=None)
def test_a_parabola_is_left_as_it_is(points, seed) -> None:
    rng = np.random.default_rng(seed)
    grid, coefficients = np.sort(rng.choice(61, points, replace=False)) / 20, rng.uniform(-3, 3, 3)
    parabola = np.polynomial.polynomial.polyval(grid, coefficients)
    assert smoother(grid) @ parabola == pytest.approx(parabola, abs=1e-8)


def test_three_points_are_not_smoothed_and_a_spike_among_many_is() -> None:
    assert (smoother(np.array([0.1, 0.2, 0.9])) == np.eye(3)).all()
    spiked = -((GRID - 1.1) ** 2) / 30
    spiked[3] += 0.019  # at 0.4
    assert GRID[np.argmax(spiked)] == 0.4
    assert GRID[np.argmax(smoother(GRID) @ spiked)] == pytest.approx(1.1)


def test_it_finds_the_peak_and_tells_it_from_what_is_far_away() -> None:
    found = optimum(GRID, curves(1.2, 200, noise=0.05), rng=np.random.default_rng(2))
    assert abs(GRID[found.place] - 1.2) < 0.11
    assert found.low is not None and found.high is not None and found.low <= 1.2 <= found.high
    assert found.shares.sum() == pytest.approx(1) and found.shares[found.place] > 0.3
    assert found.alike[found.place] and not found.alike[0] and not found.alike[-1]


def test_a_level_that_each_unit_has_everywhere_is_no_noise() -> None:
    values = curves(1.2, 60, noise=0.02)
    levelled = values + np.random.default_rng(3).normal(0, 50, 60)
    plain, found = (optimum(GRID, one, rng=np.random.default_rng(2)) for one in (values, levelled))
    assert found.place == plain.place and (found.alike == plain.alike).all()


def test_of_equal_points_the_first_is_taken_and_all_are_alike() -> None:
    found = optimum(GRID, np.full((15, 8), 0.7), rng=np.random.default_rng(2))
    assert found.place == 0 and (found.low, found.high) == (0.1, 0.1)
    assert found.alike.all()


def test_from_noise_alone_hardly_a_point_can_be_told_from_the_best() -> None:
    found = optimum(GRID, np.random.default_rng(4).normal(0, 1, (15, 12)), rng=np.random.default_rng(2))
    assert found.alike.sum() >= 14
    assert found.low is not None and found.high is not None and found.high - found.low > 0.8


def test_the_true_best_point_is_left_among_those_that_cannot_be_told_from_the_best() -> None:
    held = []
    for seed in range(100):
        values = np.random.default_rng(seed).normal(0, 1, (6, 15))  # all are best: the hardest case
        found = optimum(np.arange(6), values, rng=np.random.default_rng(seed), resamples=300)
        held.append(bool(found.alike[2]))
    assert sum(held) >= 89  # 95 are expected; fewer than this once in a hundred thousand


def test_one_unit_has_a_best_point_and_no_limits() -> None:
    found = optimum([0.5, 1.0], [[0.1], [0.2]], rng=np.random.default_rng(2))
    assert (found.place, found.low, found.high) == (1, None, None)
    assert found.alike.all()


def test_its_interval_holds_the_true_peak_as_often_as_it_says() -> None:
    held = [
        optimum(GRID, curves(1.2, 40, noise=0.1, seed=seed), rng=np.random.default_rng(seed), resamples=300)
        for seed in range(60)
    ]
    covered = sum(one.low is not None and one.high is not None and one.low <= 1.2 <= one.high for one in held)
    assert covered >= 54


@pytest.mark.parametrize(
    ("grid", "values", "sentence"),
    [([0.2, 0.1], [[1.0], [1.0]], "rise"), ([0.1, 0.2], [[1.0]], "Each of the 2 points"), ([0.1], [[]], "there must")],
    ids=["falling grid", "a row too few", "no unit"],
)
def test_what_cannot_be_fitted_is_refused(grid, values, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        optimum(grid, values, rng=np.random.default_rng(1))


def test_resampled_means_have_the_error_of_a_mean_and_go_through_the_same_units() -> None:
    values = np.random.default_rng(6).normal(0, 1, 400)
    resampled = resampled_means([values, values + 1], np.random.default_rng(7))
    assert resampled.shape == (2000, 2)
    assert np.ptp(resampled[:, 1] - resampled[:, 0]) < 1e-9
    low, high = limits(resampled)
    reach = 1.96 * values.std() / 20
    assert (low[0], high[0]) == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.01)


def test_means_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one unit"):
        resampled_means(np.zeros((3, 0)), np.random.default_rng(1))
