from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from preferences.actions import comparisons, slots
from preferences.choices import Purpose
from preferences.models import Campaign
from preferences.throughput import finished_by_day, throughput
from tests import factories
from tests.clock import Clock

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def at_noon(clock: Clock) -> None:
    clock.now = datetime(2026, 11, 20, 12, tzinfo=UTC)


def planned(comparisons: int | None = 100, until: date | None = None, **settings: str) -> Campaign:
    return factories.campaign(planned_comparisons=comparisons, planned_until=until, **settings)


def test_comparisons_are_counted_on_the_days_of_the_campaigns_time_zone() -> None:
    campaign = planned(time_zone="Pacific/Auckland")
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    for moment in (late, late - timedelta(hours=13), late):
        factories.judged_comparison(campaign, finished_at=moment)
    hidden = comparisons.copy(original=factories.comparison(campaign), purpose=Purpose.GOLD)
    slots.spare(hidden)
    factories.judge(hidden)
    assert finished_by_day(campaign) == {date(2026, 11, 18): 1, date(2026, 11, 19): 2}


def test_days_without_any_count_and_today_is_not_over() -> None:
    found = throughput(planned(), {date(2026, 11, 16): 4, TODAY: 50})
    assert list(found.daily.values()) == [4, 0, 0, 0, 50]
    assert (found.finished, found.left) == (54, 46)
    assert (found.forecast.looked_at, found.forecast.pace.value) == (4, 1.0)


def test_the_pace_is_that_of_the_last_fourteen_whole_days() -> None:
    by_day = {TODAY - timedelta(days=number): 10 if number <= 14 else 1000 for number in range(1, 30)}
    found = throughput(planned(60_000), by_day)
    assert (found.forecast.looked_at, found.forecast.pace.value) == (14, 10.0)
    assert found.day_after(found.forecast.days) is None  # beyond ten years
    assert found.day_after(1.5) == date(2026, 11, 22) and found.day_after(0) == TODAY


def test_without_a_plan_nothing_is_left_and_without_work_there_is_no_pace() -> None:
    found = throughput(planned(None), {})
    assert (found.left, found.forecast.pace.value, found.daily) == (None, None, {TODAY: 0})
    assert throughput(planned(3), {date(2026, 11, 16): 4}).left == 0
