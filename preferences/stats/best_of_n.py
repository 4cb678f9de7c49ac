"""The best, and the middle, of n answers drawn from k that were scored: expected, not simulated.

Of all ways to draw n of k scores without replacement, the r-th smallest of those drawn is ``x_(i)``, the i-th smallest
of all, with probability ``C(i - 1, r - 1) C(k - i, n - r) / C(k, n)``. The sum over i is an unbiased estimate of what n
fresh answers would give (a U-statistic), and of all unbiased ones of the k scores the one that varies least.

References
----------
David, H. A. and Nagaraja, H. N. (2003). Order statistics, third edition, section 3.7. Wiley.
Hoeffding, W. (1948). A class of statistics with asymptotically normal distribution. Annals of Mathematical Statistics,
19, 293-325.
"""

from math import comb

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray


def expected_max(scores: ArrayLike, n: int) -> FloatArray:
    """The expected largest of n scores; of scores (..., k) it gives (...)."""
    ordered = _ordered(scores)
    return ordered @ rank_weights(ordered.shape[-1], n, n)


def expected_median(scores: ArrayLike, n: int) -> FloatArray:
    """The expected median of n scores, of an even number the mean of the two in the middle; (..., k) gives (...)."""
    ordered = _ordered(scores)
    k = ordered.shape[-1]
    return ordered @ (rank_weights(k, n, (n + 1) // 2) + rank_weights(k, n, n // 2 + 1)) / 2


def rank_weights(k: int, n: int, rank: int) -> FloatArray:
    """The chance of each of k ordered scores to be the ``rank``-th smallest of n drawn from them, (k,)."""
    if not 1 <= rank <= n <= k:
        raise ValueError(f"There is no rank {rank} among {n} scores of {k}.")
    ways = comb(k, n)
    return np.array([comb(i, rank - 1) * comb(k - 1 - i, n - rank) / ways for i in range(k)])


def _ordered(scores: ArrayLike) -> FloatArray:
    numbers = np.asarray(scores, dtype=np.float64)
    if numbers.ndim == 0 or not np.isfinite(numbers).all():
        raise ValueError("The best of n is that of a list of finite scores.")
    return np.sort(numbers, axis=-1)
