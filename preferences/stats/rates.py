"""Rates: how often something happened in so much time."""

import scipy

from preferences.stats import quantiles
from preferences.stats.intervals import Interval


def rate(events: int, exposure: float, *, confidence: float = 0.95) -> Interval:
    """Events per unit of exposure, with Garwood's exact interval for the mean of a Poisson count.

    The limits of the count are ``gamma^-1(k, a/2)`` and ``gamma^-1(k + 1, 1 - a/2)``, which are half the quantiles of
    the chi squared distribution with ``2k`` and ``2k + 2`` degrees of freedom; below no event the limit is 0.

    Parameters
    ----------
    events : int
        Those counted, assumed to come one by one and independently.
    exposure : float
        What they are counted in, for example hours; with none of it there is no rate.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika, 28, 437-442.
    """
    tail = 1 - quantiles.upper_tail(confidence)
    if events < 0 or exposure < 0:
        raise ValueError(f"Events and exposure are not negative, as {events} in {exposure} would be.")
    if exposure == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    low = float(scipy.special.gammaincinv(events, tail)) if events else 0.0
    high = float(scipy.special.gammaincinv(events + 1, 1 - tail))
    return Interval(value=events / exposure, low=low / exposure, high=high / exposure, confidence=confidence)
