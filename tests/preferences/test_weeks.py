from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from preferences.errors import InvalidInput
from preferences.weeks import end_of, week_of

ZONES = ["UTC", "Europe/Zurich", "America/Los_Angeles", "Pacific/Auckland", "Pacific/Kiritimati", "Asia/Kathmandu"]


@pytest.mark.parametrize(
    ("moment", "zone", "week"),
    [
        ("2026-11-23T00:00Z", "UTC", "2026-W48"),
        ("2026-11-22T23:59Z", "UTC", "2026-W47"),
        ("2026-11-29T23:30Z", "UTC", "2026-W48"),
        ("2026-11-29T23:30Z", "Europe/Zurich", "2026-W49"),
        ("2026-11-30T07:59Z", "America/Los_Angeles", "2026-W48"),
        ("2026-11-30T08:00Z", "America/Los_Angeles", "2026-W49"),
        ("2026-12-31T12:00Z", "UTC", "2026-W53"),
        ("2027-01-03T12:00Z", "UTC", "2026-W53"),
        ("2027-01-04T00:00Z", "UTC", "2027-W01"),
        ("2024-12-30T12:00Z", "UTC", "2025-W01"),
        ("2021-01-03T12:00Z", "UTC", "2020-W53"),
        ("2023-01-01T12:00Z", "UTC", "2022-W52"),
    ],
)
def test_a_moment_is_in_the_iso_week_of_its_zone(moment: str, zone: str, week: str) -> None:
    assert week_of(datetime.fromisoformat(moment), zone) == week


@pytest.mark.parametrize(
    ("week", "zone", "end"),
    [
        ("2026-W48", "UTC", "2026-11-30T00:00Z"),
        ("2026-W48", "Europe/Zurich", "2026-11-29T23:00Z"),
        ("2026-W48", "Pacific/Kiritimati", "2026-11-29T10:00Z"),
        ("2026-W53", "UTC", "2027-01-04T00:00Z"),
        ("2025-W52", "UTC", "2025-12-29T00:00Z"),
        ("2026-W13", "Europe/Zurich", "2026-03-29T22:00Z"),  # summer time began that Sunday
        ("2026-W43", "Europe/Zurich", "2026-10-25T23:00Z"),  # and ended that one
    ],
)
def test_a_week_ends_at_midnight_of_its_zone(week: str, zone: str, end: str) -> None:
    assert end_of(week, zone) == datetime.fromisoformat(end)
    assert end_of(week, zone).tzinfo is UTC


@pytest.mark.parametrize("zone", ZONES)
def test_each_week_ends_where_the_next_begins(zone: str) -> None:
    moment = datetime(2019, 12, 1, tzinfo=UTC)
    for _ in range(8 * 53):
        week = week_of(moment, zone)
        end = end_of(week, zone)
        assert moment < end
        assert week_of(end - timedelta(microseconds=1), zone) == week
        assert week_of(end, zone) != week
        moment = end


NO_WEEKS = """
2026 2026-48 2026W48 2026-w48 2026-W00 2026-W54 2025-W53 2026-W4 2026-W048 2026-W48-1 0000-W01 9999-W52 ٢٠٢٦-W٤٨
"""


@pytest.mark.parametrize("word", [*NO_WEEKS.split(), "", " 2026-W48", "2026-W48\n"])
def test_what_is_not_a_week_gets_a_sentence(word: str) -> None:
    with pytest.raises(InvalidInput, match="is not an ISO week; write one such as 2026-W48") as refusal:
        end_of(word)
    assert refusal.value.field == "week"
