from __future__ import annotations

from itertools import permutations
from math import sqrt

import numpy as np
import pytest

from preferences.stats.intervals import wilson
from preferences.stats.sides import same_side
from preferences.stats.tables import RatingPatterns

SIDES = [-1, -1, 0, 1, 1]


def by_hand(table: list[list[int]], about: set[int]) -> tuple[float, int, float]:
    """The share, the ratings and the standard error, rating after rating."""
    x, y = [], []
    for unit in table:
        pairs = [(one, other) for one, other in permutations(unit, 2) if one in about]
        x.append(sum(one in about for one in unit) if len(unit) > 1 else 0)
        y.append(sum(SIDES[one] == SIDES[other] for one, other in pairs) / (len(unit) - 1) if len(unit) > 1 else 0.0)
    share, n = sum(y) / sum(x), sum(value > 0 for value in x)
    squares = sum((b - share * a) ** 2 for a, b in zip(x, y, strict=True))
    return share, sum(x), sqrt(n / (n - 1) * squares) / sum(x)


def patterns(table: list[list[int]]) -> RatingPatterns:
    return RatingPatterns.from_counts([np.bincount(unit, minlength=5) for unit in table])


def test_it_is_the_share_of_other_raters_on_the_same_side_counted_rating_by_rating() -> None:
    rng = np.random.default_rng(2)
    table = [rng.integers(0, 5, size=size).tolist() for size in rng.integers(1, 5, size=80)]
    for about in ({0}, {1, 3}, {2}, {0, 1, 2, 3, 4}):
        share, ratings, error = by_hand(table, about)
        found = same_side(patterns(table), SIDES, [place in about for place in range(5)])
        assert found.value == pytest.approx(share, abs=1e-12)
        assert found.ratings == ratings
        n = min(ratings, share * (1 - share) / error**2)
        wanted = wilson(share * n, n)
        assert (found.low, found.high) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


def test_what_is_unanimous_has_an_interval_of_as_many_observations_as_comparisons() -> None:
    found = same_side(RatingPatterns([[3, 0, 0, 0, 0]], [40]), SIDES)
    wanted = wilson(40, 40)
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(wanted.low), 1.0)
    assert (found.units, found.ratings) == (40, 120)


def test_ratings_that_stand_alone_say_nothing() -> None:
    found = same_side(RatingPatterns([[1, 0, 0, 0, 0]], [9]), SIDES)
    assert (found.value, found.low, found.units) == (None, None, 0)


def test_the_interval_covers_the_truth_though_the_ratings_of_a_comparison_belong_together() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        leaning = rng.beta(0.6, 0.6, size=150)
        right = rng.binomial(3, leaning)
        counts = np.stack([3 - right, 0 * right, 0 * right, 0 * right, right], axis=1)
        found = same_side(RatingPatterns.from_counts(counts), SIDES)
        # E[p^2 + (1 - p)^2] of a beta variable
        truth = 1 - 2 * 0.6 * 0.6 / (1.2 * 2.2)
        assert found.low is not None and found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / 400 <= 0.975


def test_sides_of_another_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="Each of the 5 categories needs a side"):
        same_side(RatingPatterns([[1, 1, 0, 0, 0]], [1]), [-1, 1])
