"""ISO weeks, written as 2026-W48."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from preferences.errors import InvalidInput


def week_of(moment: datetime, time_zone: str = "UTC") -> str:
    year, week, _ = moment.astimezone(ZoneInfo(time_zone)).isocalendar()
    return f"{year}-W{week:02d}"


def end_of(week: str, time_zone: str = "UTC") -> datetime:
    """The first moment after the week, in UTC."""
    match = re.fullmatch(r"(\d{4})-W(\d{2})", week)
    try:
        monday = datetime.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        monday = None
    if monday is None:
        raise InvalidInput(f"“{week}” is not an ISO week; write one such as 2026-W48.", field="week")
    return (monday + timedelta(days=7)).replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
