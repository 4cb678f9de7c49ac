"""Shares of occasions: how often something happened, and whether that is within a usual range."""

import scipy

from preferences.stats.intervals import clopper_pearson
from preferences.stats.tested import Tested, untested


def share(successes: int, n: int, *, at_least: float = 0.0, at_most: float = 1.0, confidence: float = 0.95) -> Tested:
    """A share with its exact interval (`clopper_pearson`), and an exact binomial test of a range.

    The p value is that of the hypothesis ``at_least <= share <= at_most``: the tail of the binomial distribution beyond
    ``successes`` at the nearer end of the range; twice the smaller tail where both ends can be passed.
    """
    interval = clopper_pearson(successes, n, confidence)
    if not 0 <= at_least <= at_most <= 1:
        raise ValueError(f"The usual range must lie between 0 and 1, not from {at_least} to {at_most}.")
    if n == 0:
        return untested(0, confidence)
    p = _p_value(successes, n, at_least, at_most)
    return Tested(value=interval.value, low=interval.low, high=interval.high, confidence=confidence, n=n, p=p)


def _p_value(successes: int, n: int, at_least: float, at_most: float) -> float:
    tails = []
    if at_most < 1:
        tails.append(_at_or_above(successes, n, at_most))
    if at_least > 0:
        tails.append(_at_or_above(n - successes, n, 1 - at_least))
    return min([1.0, *(len(tails) * tail for tail in tails)])


def _at_or_above(k: int, n: int, p: float) -> float:
    """``P(X >= k)`` of a binomial variable, by the incomplete beta function."""
    return float(scipy.special.betainc(k, n - k + 1, p)) if k else 1.0
