"""Means with Student's interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from preferences.stats.means import mean


def test_it_is_students_interval() -> None:
    numbers = np.random.default_rng(1).normal(3, 1, 17)
    low, high = stats.t.interval(0.9, 16, numbers.mean(), stats.sem(numbers))
    found = mean(numbers, confidence=0.9)
    assert (found.value, found.low, found.high) == pytest.approx((numbers.mean(), low, high))


def test_one_number_has_no_limits_and_none_has_no_mean() -> None:
    assert (mean([4]).value, mean([4]).low, mean([4]).high) == (4, None, None)
    assert mean([]).value is None


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        mean([1, float("nan")])
