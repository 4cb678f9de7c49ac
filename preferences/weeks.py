"""ISO weeks, written as 2026-W48."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from preferences.errors import InvalidInput


def week_of(moment: datetime, time_zone: str = "UTC") -> str:
    date = moment.astimezone(ZoneInfo(time_zone)).isocalendar()
    return f"{date.year}-W{date.week:02d}"


def midnight_of(moment: datetime, time_zone: str) -> datetime:
    """When the day of this moment began there."""
    return moment.astimezone(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def monday_of(moment: datetime, time_zone: str) -> datetime:
    """When the ISO week of this moment began there."""
    midnight = midnight_of(moment, time_zone)
    return midnight - timedelta(days=midnight.weekday())


def end_of(week: str, time_zone: str = "UTC") -> datetime:
    """The first moment after the week, in UTC."""
    match = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", week)
    try:
        year, number = (int(part) for part in match.groups()) if match else (0, 0)
        monday_after = datetime.fromisocalendar(year, number, 1) + timedelta(days=7)
        return monday_after.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            _("“%(week)s” is not an ISO week; write one such as 2026-W48.") % {"week": week}, field="week"
        ) from None
