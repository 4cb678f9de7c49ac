"""Shares of occasions: how often something happened, and whether that is within a usual range."""

from scipy import special

from preferences.stats import quantiles
from preferences.stats.tested import Tested, untested


def share(successes: int, n: int, *, at_least: float = 0.0, at_most: float = 1.0, confidence: float = 0.95) -> Tested:
    """A share with Clopper and Pearson's exact interval, and an exact binomial test of a range.

    The p value is that of the hypothesis ``at_least <= share <= at_most``: the tail of the binomial distribution beyond
    ``successes`` at the nearer end of the range; twice the smaller tail where both ends can be passed.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika, 26, 404-413.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"Successes must lie between 0 and the {n} observations, not be {successes}.")
    if not 0 <= at_least <= at_most <= 1:
        raise ValueError(f"The usual range must lie between 0 and 1, not from {at_least} to {at_most}.")
    tail = 1 - quantiles.upper_tail(confidence)
    if n == 0:
        return untested(0, confidence)
    low = float(special.betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    p = _p_value(successes, n, at_least, at_most)
    return Tested(value=successes / n, low=low, high=high, confidence=confidence, n=n, p=p)


def _p_value(successes: int, n: int, at_least: float, at_most: float) -> float:
    tails = []
    if at_most < 1:
        tails.append(_at_or_above(successes, n, at_most))
    if at_least > 0:
        tails.append(_at_or_above(n - successes, n, 1 - at_least))
    return min([1.0, *(len(tails) * tail for tail in tails)])


def _at_or_above(k: int, n: int, p: float) -> float:
    """``P(X >= k)`` of a binomial variable, by the incomplete beta function."""
    return float(special.betainc(k, n - k + 1, p)) if k else 1.0
