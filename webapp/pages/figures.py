"""Figures as words: a number between its limits, as it stands in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from django.utils.translation import gettext as _

from preferences.models import Campaign
from preferences.stats import Agreement
from webapp.charts import Axis, Interval, nice_axis

NONE = "–"
EQUAL = 0.5  # the win rate of two of which neither leads
TICKS = 4  # of an axis that stands in a table


class Estimate(Protocol):
    """What has a value and limits, any of them perhaps missing."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class Between:
    """A number with its limits, as an `Estimate`."""

    value: float | None
    low: float | None
    high: float | None


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def points(share: float) -> str:
    """A difference of shares, in percentage points, with its sign."""
    return f"{100 * share:+.1f}"


def share(estimate: Estimate) -> str:
    return _between(estimate, percent)


def difference(estimate: Estimate) -> str:
    return _between(estimate, points)


def decimal(estimate: Estimate, digits: int = 2) -> str:
    return _between(estimate, lambda number: f"{number:.{digits}f}")


def drawn(estimate: Estimate) -> Interval:
    """As a chart takes it."""
    return Interval(value=estimate.value, low=estimate.low, high=estimate.high)


def share_axis(high: float) -> Axis:
    """From nothing to the share `high`, or a little above it."""
    return nice_axis(0.0, high, label=_percent_tick, count=TICKS)


def axis_around(centre: float, estimates: Iterable[Estimate], *, label: Callable[[float], str]) -> Axis:
    """As much as holds the centre and all limits."""
    limits = [limit for one in estimates for limit in (one.value, one.low, one.high) if limit is not None]
    return nice_axis(min(limits, default=centre), max(limits, default=centre), label=label, count=TICKS)


def win_rate_axis(estimates: Iterable[Estimate]) -> Axis:
    """Around that of two equals."""
    return axis_around(EQUAL, [*estimates, drawn_at(EQUAL)], label=_percent_tick)


def drawn_at(value: float) -> Interval:
    return Interval(value=value, low=None, high=None)


def _percent_tick(share: float) -> str:
    return f"{100 * share:g}%"


def translated(found: Agreement) -> Agreement:
    """With its note in the reader's language; the statistics themselves know one only."""
    return replace(found, note=_(found.note)) if found.note else found


def _between(estimate: Estimate, word: Callable[[float], str]) -> str:
    if estimate.value is None:
        return NONE
    if estimate.low is None or estimate.high is None:
        return word(estimate.value)
    limits = {"value": word(estimate.value), "low": word(estimate.low), "high": word(estimate.high)}
    return _("%(value)s (%(low)s to %(high)s)") % limits


def batch_label(name: str, campaign: Campaign) -> str:
    """A batch of one campaign is named by its week and that campaign, which its own pages need not repeat."""
    return name.removesuffix(f"-{campaign.slug}")
