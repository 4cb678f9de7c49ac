"""Intervals for shares, their differences and means of independent observations."""

from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray

# Bounds the memory of a block of resamples: 8 MB of counts.
BLOCK_CELLS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate between its confidence limits; all None when there is nothing to estimate from."""

    value: float | None
    low: float | None
    high: float | None
    confidence: float


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a share, good for few observations and for shares near 0 or 1.

    ``(p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)`` with ``p = successes / n``.

    Parameters
    ----------
    successes : float
        From 0 to ``n``. Ties may count as half a success; the interval is then on the wide side.
    n : float
        Independent observations; an expected number need not be whole.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association, 22, 209-212.
    """
    z = quantiles.normal(confidence)
    check_successes(successes, n)
    if n == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    p = successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2) / (1 + z**2 / n)
    # At the ends the limit is exactly 0 or 1; the subtraction would leave rounding noise.
    low = 0.0 if successes == 0 else centre - reach
    high = 1.0 if successes == n else centre + reach
    return Interval(value=p, low=low, high=high, confidence=confidence)


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """The exact interval for a share: it covers at least as often as it says, and mostly more often.

    The limits are the quantiles ``(1 - confidence) / 2`` of Beta(k, n - k + 1) and ``(1 + confidence) / 2`` of
    Beta(k + 1, n - k), for ``k`` successes; 0 where there is none and 1 where there is nothing else.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika, 26, 404-413.
    """
    upper = quantiles.upper_tail(confidence)
    check_successes(successes, n)
    if n == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    low = float(scipy.special.betaincinv(successes, n - successes + 1, 1 - upper)) if successes else 0.0
    high = float(scipy.special.betaincinv(successes + 1, n - successes, upper)) if successes < n else 1.0
    return Interval(value=successes / n, low=low, high=high, confidence=confidence)


def newcombe(
    successes: float, n: float, other_successes: float, other_n: float, *, confidence: float = 0.95
) -> Interval:
    """Difference of the shares of two independent groups, ``p1 - p2``, from Wilson's limits ``l`` and ``u`` of each.

    ``p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)`` to ``p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)``. Where both were
    asked about the same prompts, `preferences.stats.paired` knows more.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine, 17, 873-890 (method 10).
    """
    one, other = wilson(successes, n, confidence), wilson(other_successes, other_n, confidence)
    if one.value is None or one.low is None or one.high is None:
        return one
    if other.value is None or other.low is None or other.high is None:
        return other
    gap = one.value - other.value
    low = max(-1.0, gap - hypot(one.value - one.low, other.high - other.value))
    high = min(1.0, gap + hypot(one.high - one.value, other.value - other.low))
    return Interval(value=gap, low=low, high=high, confidence=confidence)


def check_successes(successes: float, n: float) -> None:
    """Raise ValueError unless there are from none to ``n`` successes."""
    if not 0 <= successes <= n:
        raise ValueError(f"Successes must lie between 0 and the {n} observations, not be {successes}.")


def bootstrap_mean(
    values: ArrayLike, *, rng: np.random.Generator, confidence: float = 0.95, resamples: int = 2000
) -> Interval:
    """Percentile bootstrap interval for the mean of (n,) independent observations.

    Resamples counts of the distinct values, which is the same as resampling observations.

    References
    ----------
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics, 7, 1-26.
    """
    upper = quantiles.upper_tail(confidence)
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not np.isfinite(sample).all():
        raise ValueError("The bootstrap needs a flat list of finite numbers.")
    if sample.size == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    low, high = np.quantile(_resampled_means(sample, rng, resamples), [1 - upper, upper])
    return Interval(value=float(sample.mean()), low=float(low), high=float(high), confidence=confidence)


def _resampled_means(sample: FloatArray, rng: np.random.Generator, resamples: int) -> FloatArray:
    """Means of ``resamples`` samples drawn with replacement, shape (resamples,)."""
    distinct, counts = np.unique(sample, return_counts=True)
    n, step = sample.size, max(1, BLOCK_CELLS // distinct.size)
    blocks = [min(step, resamples - start) for start in range(0, resamples, step)]
    return np.concatenate([rng.multinomial(n, counts / n, size=block) @ distinct / n for block in blocks])
