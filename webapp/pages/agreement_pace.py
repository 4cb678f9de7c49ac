"""Throughput against plan: what is finished so far, and when the rest will be at the pace of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from preferences.models import Campaign
from preferences.throughput import Throughput, throughput
from webapp.charts import Line, LineChart, Point, Table, line_chart, nice_axis
from webapp.pages.agreement_charts import file_of

STEPS = 12  # points that the forecast's band is drawn with
FURTHEST = 365  # days that are drawn ahead
MOST_TICKS = 8


@dataclass(frozen=True)
class Pace:
    found: Throughput
    chart: LineChart | None
    sentences: list[str]
    is_late: bool


def pace(campaign: Campaign, by_day: dict[date, int]) -> Pace:
    found = throughput(campaign, by_day)
    expected = found.day_after(found.forecast.days)
    is_late = bool(found.left and found.due and (expected is None or expected > found.due))
    return Pace(found, _chart(campaign, found) if by_day else None, _sentences(found), is_late)


def day_words(day: date) -> str:
    return date_format(day, pgettext("day", "j M Y"))


def _sentences(found: Throughput) -> list[str]:
    one = found.forecast
    if found.planned is None:
        return [*_pace_words(found), _("Without a plan there is nothing to be measured against.")]
    if not found.left:
        return [_("All %(planned)s planned comparisons are finished.") % {"planned": f"{found.planned:,}"}]
    said = [
        _("%(left)s of %(planned)s planned comparisons are left.")
        % {"left": f"{found.left:,}", "planned": f"{found.planned:,}"},
        *_pace_words(found),
    ]
    expected = found.day_after(one.days)
    if expected is None:
        return [*said, _("At this pace no day can be told on which they will be finished.")]
    soonest, latest = found.day_after(one.soonest), found.day_after(one.latest)
    limits = {"day": day_words(expected), "soonest": day_words(soonest or expected)}
    if latest is None:
        words = _("If it goes on so, they are finished about %(day)s, not before %(soonest)s and perhaps much later.")
    else:
        limits["latest"] = day_words(latest)
        words = _("If it goes on so, they are finished about %(day)s, between %(soonest)s and %(latest)s.")
    said.append(words % limits)
    if found.due is not None:
        said.append(_("The plan ends on %(day)s.") % {"day": day_words(found.due)})
    return said


def _pace_words(found: Throughput) -> list[str]:
    one = found.forecast.pace
    if one.value is None:
        return [_("No whole day has passed since the first comparison was finished.")]
    words = {"days": found.forecast.looked_at, "pace": f"{one.value:,.1f}"}
    if one.low is None or one.high is None:
        return [_("The last whole day saw %(pace)s finished.") % words]
    limits = {**words, "low": f"{one.low:,.1f}", "high": f"{one.high:,.1f}"}
    return [_("The last %(days)d whole days saw %(pace)s finished a day (95%% interval %(low)s to %(high)s).") % limits]


def _chart(campaign: Campaign, found: Throughput) -> LineChart:
    first, today = min(found.daily), found.today
    lines = [Line(name=_("Finished"), points=_finished(found), dots=False)]
    if found.planned is not None and found.due is not None and found.due > first:
        lines.append(Line(name=_("Plan"), tone="soft", dashed=True, dots=False, points=[
            Point(x=first.toordinal(), y=0), Point(x=found.due.toordinal(), y=found.planned)]))  # fmt: skip
    if found.left and found.forecast.days is not None:
        lines.append(Line(name=_("If it goes on so"), tone="right", dashed=True, dots=False, points=_ahead(found)))
    most = max(point.high or point.y or 0 for line in lines for point in line.points)
    last = date.fromordinal(int(max(point.x for line in lines for point in line.points)))
    return line_chart(
        title=_("Finished comparisons"),
        said=_("%(finished)s comparisons were finished from %(first)s to %(today)s.")
        % {"finished": f"{found.finished:,}", "first": day_words(first), "today": day_words(today)},
        lines=lines,
        ticks=_ticks(first, last),
        y=nice_axis(0, max(1, most), label=lambda number: f"{number:,.0f}"),
        table=Table(
            [_("Day"), _("Finished"), _("Together")],
            [[day_words(day), f"{count:,}", f"{total:,}"] for day, count, total in reversed(_running(found))],
        ),
        csv=file_of(campaign, "days"),
        note=_(
            "The forecast takes the last whole days, at most 14, for what every day to come will be like: new people, "
            "holidays and an empty queue are not in it. Its band is the 95% interval of the pace."
        ),
    )


def _running(found: Throughput) -> list[tuple[date, int, int]]:
    total, rows = 0, []
    for day, count in found.daily.items():
        total += count
        rows.append((day, count, total))
    return rows


def _finished(found: Throughput) -> list[Point]:
    rows = _running(found)
    start = Point(x=rows[0][0].toordinal(), y=0)
    return [start, *(Point(x=day.toordinal() + 1, y=total) for day, _count, total in rows)]


def _ahead(found: Throughput) -> list[Point]:
    """From today on, until it is done at the lower limit of the pace or the furthest day that is drawn."""
    one, today = found.forecast, found.today.toordinal() + 1
    planned, days = found.planned or 0, one.days or 0
    furthest = ceil(min(FURTHEST, max(days, min(one.latest or 3 * days, 3 * days))))
    points = []
    for step in range(STEPS + 1):
        ahead = furthest * step / STEPS
        value, low, high = (
            None if pace is None else min(planned, found.finished + ahead * pace)
            for pace in (one.pace.value, one.pace.low, one.pace.high)
        )
        points.append(Point(x=today + ahead, y=value, low=low, high=high))
    return points


def _ticks(first: date, last: date) -> list[tuple[float, str]]:
    every = max(1, ceil(((last - first).days + 1) / MOST_TICKS))
    days = [first + timedelta(days=number) for number in range(0, (last - first).days + 1, every)]
    return [(day.toordinal(), date_format(day, pgettext("day of a year", "j M"))) for day in days]
