"""How much a campaign finishes each day, against its plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from preferences.choices import ComparisonStatus, Purpose
from preferences.models import Campaign
from preferences.stats.forecasts import Forecast, forecast

LOOKED_AT = 14  # days: two of each weekday
MOST_DAYS = 3650  # beyond ten years nobody plans


@dataclass(frozen=True)
class Throughput:
    """Comparisons finished on each day of the campaign's time zone, and how it goes on.

    Attributes
    ----------
    daily : dict
        By day, from the first day on which one was finished to today; days without any have 0.
    finished, planned, left : int
        `planned` and `left` are None without a plan.
    due : date or None
        The last day of the plan.
    forecast : Forecast
        From the last whole days, at most 14, that the campaign has had since its first comparison was finished.
    """

    daily: dict[date, int]
    finished: int
    planned: int | None
    left: int | None
    due: date | None
    today: date
    forecast: Forecast

    def day_after(self, days: float | None) -> date | None:
        """The day on which the work of so many days will be done; None where that cannot be told."""
        if days is None or days > MOST_DAYS:
            return None
        return self.today + timedelta(days=ceil(days))


def finished_by_day(campaign: Campaign) -> dict[date, int]:
    rows = campaign.comparisons.filter(
        purpose=Purpose.COLLECTION,
        finished_at__isnull=False,
        status__in=[ComparisonStatus.JUDGED, ComparisonStatus.SEALED],
    )
    days = rows.annotate(day=TruncDate("finished_at", tzinfo=ZoneInfo(campaign.time_zone))).order_by()
    return dict(days.values_list("day").annotate(finished=Count("pk")))


def throughput(campaign: Campaign, by_day: dict[date, int]) -> Throughput:
    """From what `finished_by_day` counted; today is not over and not in the forecast's pace."""
    today = timezone.now().astimezone(ZoneInfo(campaign.time_zone)).date()
    first = min(by_day, default=today)
    daily = {day: by_day.get(day, 0) for day in _days(first, max(today, max(by_day, default=today)))}
    finished = sum(daily.values())
    planned = campaign.planned_comparisons
    left = None if planned is None else max(0, planned - finished)
    whole = [daily[day] for day in _days(max(first, today - timedelta(days=LOOKED_AT)), today - timedelta(days=1))]
    return Throughput(
        daily=daily,
        finished=finished,
        planned=planned,
        left=left,
        due=campaign.planned_until,
        today=today,
        forecast=forecast(whole, left or 0),
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
