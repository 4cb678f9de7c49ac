"""A statistic with its interval and a test of whether it lies where it usually does."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray
from preferences.stats.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class Tested(Interval):
    """An estimate, its confidence limits, and how surprising it is.

    Attributes
    ----------
    n : int
        Observations that it rests on.
    p : float or None
        P value of the hypothesis that the true value lies in the usual range; None where nothing can be tested.
    """

    n: int
    p: float | None


def untested(n: int, confidence: float) -> Tested:
    """What there is to say where there is nothing to estimate from."""
    return Tested(value=None, low=None, high=None, confidence=confidence, n=n, p=None)


def holm(p_values: ArrayLike) -> FloatArray:
    """Holm's adjusted p values: refusing those at most ``alpha`` keeps the family-wise error at ``alpha``.

    ``p~_(i) = max_{j <= i} min(1, (m - j + 1) p_(j))`` over the ordered p values, whatever their dependence.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, 6,
    65-70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("P values are a flat list of numbers from 0 to 1.")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, np.arange(p.size, 0, -1) * p[order]))
    return adjusted
