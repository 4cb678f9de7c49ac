"""Krippendorff's alpha for any number of raters, with missing ratings.

Alpha is one less the ratio of observed to expected disagreement, ``1 - Do / De``. Over the n units with at least two
ratings, ``rbar`` of them on average, and with agreement weights ``w_kl = 1 - d_kl / max d`` it is::

    alpha = (pa - pe) / (1 - pe)
    pa    = (1 - e) p + e,  e = 1 / (n rbar)
    p     = mean over units of  sum_k r_ik (sum_l w_kl r_il - 1) / (rbar (r_i - 1))
    pi_k  = mean over units of  r_ik / rbar
    pe    = sum_kl w_kl pi_k pi_l

A difference ``d_kl`` of 0 or 1 is the nominal alpha, ``(x_k - x_l)^2`` the interval alpha. The ordinal one has
distances that depend on how often the categories between were used.

References
----------
Krippendorff, K. (2018). Content Analysis: An Introduction to Its Methodology (4th ed.), chapter 12.
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.), chapter 5.
"""

from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.linearised import NEGLIGIBLE, Estimate, Ratings, summary
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import identity, quadratic

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff(
    ratings: Ratings, level: Level = "nominal", values: ArrayLike | None = None, *, confidence: float = 0.95
) -> Agreement:
    """Krippendorff's alpha at a level of measurement.

    Parameters
    ----------
    values : (q,) numbers, optional
        Category values of the interval level, ``1..q`` when not given.
    """
    return alpha(ratings, _weights(ratings, level, values), confidence=confidence)


def alpha(ratings: Ratings, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Krippendorff's alpha with any (q, q) agreement weights and Gwet's linearised standard error.

    Units with one rating do not count, and the interval has one degree of freedom less than the others. The weights are
    taken as fixed, also those of the ordinal level, which come from the data.
    """
    return summary("Krippendorff's alpha", ratings, weights, estimate, confidence, only_pairs=True)


def estimate(patterns: RatingPatterns, weights: FloatArray) -> Estimate:
    """The coefficient and its linearised terms, of patterns with at least two ratings.

    ``d_i = u_i - 2 (1 - a) (pe_i - pe) / (1 - pe) - a`` with ``a = (p - pe) / (1 - pe)``,
    ``u_i = (p_i - pe) / (1 - pe)``,
    ``p_i = sum_k r_ik (sum_l w_kl r_il - 1) / (rbar (r_i - 1)) - pa (r_i - rbar) / rbar`` and
    ``pe_i = sum_kl w_kl pi_l r_ik / rbar - pe (r_i - rbar) / rbar``.
    """
    counts, frequency, raters = patterns.counts, patterns.frequency, patterns.raters
    mean = float(frequency @ raters)
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1) / (mean * (raters - 1))
    pi = frequency @ counts / mean
    p, pe, small = float(frequency @ agreeing), float(pi @ weights @ pi), 1 / patterns.ratings
    pa = (1 - small) * p + small
    if 1 - pe < NEGLIGIBLE:
        return Estimate(value=None, pa=pa, pe=pe, deviations=np.zeros(0))
    plain, surplus = (p - pe) / (1 - pe), (raters - mean) / mean
    own = (agreeing - pa * surplus - pe) / (1 - pe)
    chance = counts @ (weights @ pi) / mean - pe * surplus
    deviations = own - 2 * (1 - plain) * (chance - pe) / (1 - pe) - plain
    return Estimate(value=(pa - pe) / (1 - pe), pa=pa, pe=pe, deviations=deviations)


def _weights(ratings: Ratings, level: Level, values: ArrayLike | None) -> FloatArray:
    match level:
        case "nominal":
            return identity(ratings.q)
        case "interval":
            return quadratic(np.arange(1, ratings.q + 1) if values is None else values)
        case "ordinal":
            patterns = ratings.patterns if isinstance(ratings, ClusteredPatterns) else ratings
            return _ordinal(patterns.paired())
        case _ if level not in get_args(Level):
            raise ValueError(f"Unknown level of measurement {level!r}: choose one of {', '.join(get_args(Level))}.")
    assert_never(level)


def _ordinal(patterns: RatingPatterns) -> FloatArray:
    """``1 - d_kl / max d`` with ``d_kl = (n_k / 2 + n_(k+1) + ... + n_l / 2)^2`` over the ratings of each category."""
    used = np.asarray(patterns.multiplicity @ patterns.counts, dtype=np.float64)
    ranks = np.cumsum(used) - used / 2  # mid-ranks: their differences are these sums
    distances = (ranks[:, None] - ranks[None, :]) ** 2
    widest = distances.max(initial=0.0)
    return 1 - distances / widest if widest > 0 else identity(patterns.q)
