"""How a rater uses the scale: how evenly, and in what order."""

from math import log, sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.tested import Tested, untested


def entropy(counts: ArrayLike, *, at_least: float | None = None, confidence: float = 0.95) -> Tested:
    """Shannon entropy of the categories used, as a share of the most that the scale allows: 0 for one, 1 for all alike.

    ``H = -sum_k p_k log p_k / log q``; its variance by the delta method,
    ``(sum_k p_k log^2 p_k - (sum_k p_k log p_k)^2) / (n log^2 q)``. The variance is taken at
    ``p_k = (n_k + 1/q) / (n + 1)``, so that a rater who used one category only is not thought to be known exactly.
    The estimate is low by about ``(q - 1) / (2 n log q)`` (Miller), 0.03 for 50 ratings on eight points.

    Parameters
    ----------
    counts : (q,) int
        Ratings in each category of the scale, used or not.
    at_least : float, optional
        The p value is that of the hypothesis that the entropy is so high or higher (one-sided, normal).

    References
    ----------
    Miller, G. A. (1955). Note on the bias of information estimates. Information Theory in Psychology, 95-100.
    Perks, W. (1947). Some observations on inverse probability. Journal of the Institute of Actuaries, 73, 285-334.
    """
    used = np.asarray(counts, dtype=np.float64)
    if used.ndim != 1 or (used < 0).any():
        raise ValueError("Counts are a flat list of numbers that are not negative.")
    q, n = used.size, int(used.sum())
    if n == 0 or q < 2:
        return untested(n, confidence)
    value = float(scipy.special.entr(used / n).sum()) / log(q)
    se = _spread((used + 1 / q) / (n + 1)) / (sqrt(n) * log(q))
    reach = quantiles.normal(confidence) * se
    p = None if at_least is None else _p_below(value, se, at_least)
    low, high = max(0.0, value - reach), min(1.0, value + reach)
    return Tested(value=value, low=low, high=high, confidence=confidence, n=n, p=p)


def _p_below(value: float, se: float, bound: float) -> float:
    # Without spread all categories are used alike, and nothing is higher.
    return float(scipy.special.ndtr((value - bound) / se)) if se > 0 else 1.0


def _spread(p: FloatArray) -> float:
    """Standard deviation of ``log p`` under ``p``."""
    logs = np.log(p)
    return sqrt(max(0.0, float(p @ logs**2 - (p @ logs) ** 2)))


def longest_run(categories: ArrayLike) -> Tested:
    """The most times in a row that the same category was used, and how surprising that is in a random order.

    The p value is the expected number of runs so long or longer when the same ratings come in random order, which is
    never below the probability of one. With ``n_k`` of ``n`` ratings in category ``k``, ``(x)_L`` falling factorials::

        E = sum_k ((n_k)_L / (n)_L) (1 + n - n_k)

    (a run begins at the first place, or after one of another category). Where all are alike, no order can tell.
    """
    order = np.asarray(categories, dtype=np.int64)
    if order.ndim != 1:
        raise ValueError("Ratings in their order are a flat list.")
    n = order.size
    if n == 0:
        return untested(0, 0.95)
    length = _longest(order)
    counts = np.unique(order, return_counts=True)[1]
    counts = counts[counts >= length]
    alike = np.exp(_log_falling(counts, length) - _log_falling(np.array(n), length))
    expected = float((alike * (1 + n - counts)).sum())
    return Tested(value=float(length), low=None, high=None, confidence=0.95, n=n, p=min(1.0, expected))


def _longest(order: IntArray) -> int:
    begins = np.flatnonzero(np.concatenate([[True], order[1:] != order[:-1]]))
    return int(np.diff(np.concatenate([begins, [order.size]])).max())


def _log_falling(x: IntArray, length: int) -> FloatArray:
    return np.asarray(scipy.special.gammaln(x + 1) - scipy.special.gammaln(x - length + 1), dtype=np.float64)
