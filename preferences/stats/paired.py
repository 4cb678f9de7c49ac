"""Of the same items, those that speak for one side and those that speak for the other: their difference.

Wins and losses of one system against another are such a pair, with ties speaking for neither; so are the prompts on
which only the one or only the other of two models did something.
"""

from math import sqrt

import scipy

from preferences.stats import quantiles
from preferences.stats.intervals import Interval

# Where the search for a limit begins, beside an estimate that may itself be a root.
BESIDE = 1e-12
# By how much a sum of expected numbers may pass their total for rounding.
NOISE = 1e-12


def paired_difference(ours: float, theirs: float, n: float, confidence: float = 0.95) -> Interval:
    """``(ours - theirs) / n`` with Tango's score interval: the differences that a score test does not reject.

    With ``d`` the difference, ``b = ours`` and ``c = theirs`` the limits solve ::

        |b - c - n d| = z sqrt(n (2 q + d (1 - d)))
        q = (sqrt(B^2 - 8 n C) - B) / 4 n,  B = -b - c + (2 n - b + c) d,  C = -c d (1 - d)

    where ``q`` is the most likely share of ``theirs`` given ``d``. Where every item speaks for a side, these are the
    limits of Wilson's interval for the share of ``ours``, doubled, less one.

    Parameters
    ----------
    ours, theirs : float
        Items that speak for the one side alone, and for the other; expected numbers need not be whole.
    n : float
        All items, independent of each other.

    References
    ----------
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design. Statistics in Medicine, 17, 891-908.
    """
    z = quantiles.normal(confidence)
    if min(ours, theirs) < 0 or ours + theirs > n * (1 + NOISE):
        raise ValueError(f"Of {n} items {ours} cannot speak for one side and {theirs} for the other.")
    if n == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    return Interval(
        value=(ours - theirs) / n,
        low=-_upper(theirs, ours, n, z),
        high=_upper(ours, theirs, n, z),
        confidence=confidence,
    )


def half_points(wins: float, losses: float, n: float, confidence: float = 0.95) -> Interval:
    """``(wins + ties / 2) / n``, which is ``(1 + d) / 2`` with the difference ``d`` of wins and losses."""
    found = paired_difference(wins, losses, n, confidence)
    if found.value is None or found.low is None or found.high is None:
        return found
    return Interval(
        value=(1 + found.value) / 2, low=(1 + found.low) / 2, high=(1 + found.high) / 2, confidence=confidence
    )


def _upper(b: float, c: float, n: float, z: float) -> float:
    value = (b - c) / n
    if b == n:
        return 1.0

    def excess(d: float) -> float:
        return value - d + z * sqrt(_variance(d, b, c, n) / n)

    root: float = scipy.optimize.brentq(excess, value + BESIDE, 1.0, xtol=1e-14)
    return root


def _variance(d: float, b: float, c: float, n: float) -> float:
    """Of one item's contribution, at its most likely under the difference ``d``."""
    linear = -b - c + (2 * n - b + c) * d
    constant = -c * d * (1 - d)
    q = (sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
    return max(0.0, 2 * q + d * (1 - d))
