from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from preferences.stats.forecasts import forecast

DAILY = [12, 9, 14, 11, 10, 3, 2, 13, 10, 12, 9, 11, 4, 1]


def test_the_pace_is_the_mean_of_the_days_with_a_t_interval() -> None:
    found = forecast(DAILY, 100)
    low, high = stats.t.interval(0.95, 13, loc=np.mean(DAILY), scale=stats.sem(DAILY))
    assert found.pace.value == pytest.approx(np.mean(DAILY))
    assert (found.pace.low, found.pace.high) == (pytest.approx(low), pytest.approx(high))
    assert found.looked_at == 14


def test_what_is_left_takes_as_many_days_as_its_pace_says() -> None:
    found = forecast(DAILY, 100)
    assert found.days == pytest.approx(100 / np.mean(DAILY))
    assert found.soonest is not None and found.days is not None and found.latest is not None
    assert found.soonest < found.days < found.latest


def test_without_any_work_no_day_can_be_told() -> None:
    found = forecast([0] * 14, 5)
    assert (found.days, found.soonest, found.latest) == (None, None, None)
    assert forecast([], 5).pace.value is None and forecast([], 5).days is None


def test_a_pace_that_may_be_none_has_no_latest_day() -> None:
    found = forecast([0, 0, 0, 0, 0, 0, 30], 30)
    assert found.pace.low == 0.0 and found.latest is None and found.days is not None


def test_one_day_has_a_pace_without_an_interval_and_nothing_left_takes_no_day() -> None:
    found = forecast([7], 14)
    assert (found.pace.low, found.days, found.latest) == (None, 2.0, None)
    assert forecast(DAILY, 0).days == 0.0 and forecast(DAILY, -3).latest == 0.0


def test_the_interval_covers_a_pace_that_goes_on() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(1000):
        pace = forecast(rng.poisson(20, size=14), 100).pace
        assert pace.low is not None and pace.high is not None
        covered += pace.low <= 20 <= pace.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="Daily counts"):
        forecast([3, -1], 5)
