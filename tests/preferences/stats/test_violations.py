from __future__ import annotations

import numpy as np
import pytest

from preferences.stats import violations


@pytest.mark.parametrize(("raters", "expected"), [(1, 0.3), (2, 1 - 0.7**2), (3, 3 * 0.3**2 * 0.7 + 0.3**3)])
def test_at_least_half_of_the_raters_are_counted_as_the_verdict_counts_them(raters: int, expected: float) -> None:
    assert violations.half_or_more(0.3, raters) == pytest.approx(expected)


def test_violations_are_called_as_often_as_simulated_raters_call_them() -> None:
    rng, quality, items = np.random.default_rng(71), 0.7, 400_000
    for truth, expected in zip((2, 4), violations.called(quality, 3, q=5, violating=2), strict=True):
        sees = rng.random((items, 3)) < quality
        said = np.where(sees, truth, rng.integers(1, 6, (items, 3)))
        assert (2 * (said <= 2).sum(axis=1) >= 3).mean() == pytest.approx(expected, abs=0.003)


def test_raters_who_always_see_are_always_right() -> None:
    assert violations.called(1.0, 3, q=5, violating=2) == (1, 0)
