"""Many means over the same units, resampled together, so that they can be compared with each other."""

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray

RESAMPLES = 2000


def resampled_means(values: ArrayLike, rng: np.random.Generator, *, resamples: int = RESAMPLES) -> FloatArray:
    """Means over units drawn with replacement, (resamples, ...), of values (..., units): the same units in each mean.

    References
    ----------
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics, 7, 1-26.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim == 0 or numbers.shape[-1] == 0 or not np.isfinite(numbers).all():
        raise ValueError("A mean is that of at least one unit, each with finite numbers.")
    units = numbers.shape[-1]
    counts = rng.multinomial(units, np.full(units, 1 / units), size=resamples)  # (resamples, units)
    return np.tensordot(counts / units, numbers, axes=(1, numbers.ndim - 1))


def limits(resampled: FloatArray, *, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """The percentile interval of each mean: low and high, (...) each, of resampled (resamples, ...)."""
    upper = quantiles.upper_tail(confidence)
    low, high = np.quantile(resampled, [1 - upper, upper], axis=0)
    return low, high
