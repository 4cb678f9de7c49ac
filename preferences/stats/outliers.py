"""Where the usual ends, by median and median absolute deviation, which no outlier moves far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# The median absolute deviation of a normal distribution is this part of its standard deviation, 0.6745.
NORMAL = 1 / 1.482602218505602


@dataclass(frozen=True, kw_only=True)
class Usual:
    """The middle of a distribution and its limits ``k`` robust standard deviations away; None without values."""

    median: float | None
    low: float | None
    high: float | None


def usual(values: ArrayLike, k: float) -> Usual:
    """``median +- k * 1.4826 * median |x - median|``.

    References
    ----------
    Hampel, F. R. (1974). The influence curve and its role in robust estimation. Journal of the American Statistical
    Association, 69, 383-393.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return Usual(median=None, low=None, high=None)
    median = float(np.median(x))
    reach = k * float(np.median(np.abs(x - median))) / NORMAL
    return Usual(median=median, low=median - reach, high=median + reach)
