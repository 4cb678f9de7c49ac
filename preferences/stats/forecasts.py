"""When work will be finished that goes on as it went."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.intervals import Interval
from preferences.stats.means import mean


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A pace and how many days are left at it.

    Attributes
    ----------
    pace : Interval
        Items a day, with t limits; the lower one is not below zero.
    days : float or None
        Days until all is done; None where nothing was done in the days looked at.
    soonest, latest : float or None
        The same at the upper and the lower limit of the pace; `latest` is None where that pace is zero.
    looked_at : int
        Days that the pace is taken from.
    """

    pace: Interval
    days: float | None
    soonest: float | None
    latest: float | None
    looked_at: int


def forecast(daily: ArrayLike, left: int, *, confidence: float = 0.95) -> Forecast:
    """The mean of the daily counts with a t interval, and the days that `left` more items take at it.

    It takes the days for independent draws of one pace that goes on: new people, holidays and an empty queue are not in
    it. Fewer than two days have no interval.

    Parameters
    ----------
    daily : (n,) int
        Items finished on each of the last days, whole weeks so that every weekday counts the same.
    left : int
        Items that are still to be done; nothing is left where it is zero or less.
    """
    counts = np.asarray(daily, dtype=np.float64)
    if counts.ndim != 1 or (counts < 0).any():
        raise ValueError("Daily counts are a flat list of numbers from zero up.")
    pace = mean(counts, confidence=confidence)
    if pace.low is not None:
        pace = replace(pace, low=max(0.0, pace.low))
    wanted = max(0, left)
    return Forecast(
        pace=pace,
        days=_days(wanted, pace.value),
        soonest=_days(wanted, pace.high),
        latest=_days(wanted, pace.low),
        looked_at=counts.size,
    )


def _days(left: int, pace: float | None) -> float | None:
    if left == 0:
        return 0.0
    return left / pace if pace else None
