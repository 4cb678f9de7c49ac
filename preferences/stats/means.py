"""Means of independent numbers."""

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.intervals import Interval


def mean(values: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """The mean of (n,) numbers with Student's interval, ``m +- t(n - 1) s / sqrt(n)``; no limits from one number.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika, 6, 1-25.
    """
    quantiles.upper_tail(confidence)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise ValueError("A mean is that of a flat list of finite numbers.")
    n = numbers.size
    if n < 2:
        return Interval(value=float(numbers[0]) if n else None, low=None, high=None, confidence=confidence)
    centre = float(numbers.mean())
    reach = quantiles.student_t(confidence, n - 1) * float(numbers.std(ddof=1)) / n**0.5
    return Interval(value=centre, low=centre - reach, high=centre + reach, confidence=confidence)
