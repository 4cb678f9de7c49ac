"""Gwet's agreement coefficients AC1 and AC2 for any number of raters, with missing ratings.

With ``r_ik`` raters putting unit ``i`` in category ``k``, ``r_i`` raters in all, weights ``w_kl``
and ``T = sum_kl w_kl``::

    AC   = (pa - pe) / (1 - pe)
    pa   = mean over units with r_i >= 2 of  sum_k r_ik (sum_l w_kl r_il - 1) / (r_i (r_i - 1))
    pi_k = mean over units with r_i >= 1 of  r_ik / r_i
    pe   = T / (q (q - 1)) * sum_k pi_k (1 - pi_k)

AC1 uses identity weights. The coefficients hold up where kappa collapses because most ratings
fall in one category, but they presume that chance agreement is low: read them next to ``pa``.

References
----------
Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
agreement. British Journal of Mathematical and Statistical Psychology, 61, 29-48.
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.), chapters 4 and 5.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.components import category_shares, paired_frequency, unit_agreement
from preferences.stats.linearised import NEGLIGIBLE, Estimate, Ratings, summary
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme, identity, matrix


def ac1(ratings: Ratings, *, confidence: float = 0.95) -> Agreement:
    """Gwet's AC1: raters agree only when they choose the same category."""
    return gwet_ac(ratings, identity(ratings.q), confidence=confidence)


def ac2(
    ratings: Ratings,
    scheme: WeightScheme = "quadratic",
    values: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> Agreement:
    """Gwet's AC2: raters agree in part when they choose neighbouring categories.

    Parameters
    ----------
    values : (q,) numbers, optional
        Category values, ``1..q`` when not given.
    """
    scale = np.arange(1, ratings.q + 1) if values is None else values
    return replace(gwet_ac(ratings, matrix(scheme, scale), confidence=confidence), coefficient="AC2")


def gwet_ac(ratings: Ratings, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Gwet's coefficient with any (q, q) weight matrix: symmetric, ones on the diagonal, from 0 to 1.

    The interval is ``AC +- t(n - 1) * se`` with ``n`` units of at least one rating. Of `ClusteredPatterns`, such as the
    turns of dialogues, the standard error is the clusters' and the interval has ``G - 1`` degrees of freedom for ``G``
    clusters (`preferences.stats.linearised`). Data that cannot carry a number give None and a note instead.

    Gwet's variance takes the number of units with two ratings as fixed. With many units rated only once
    it is therefore too wide, the more so the higher the agreement. When one category holds every rating
    it would show nothing but that excess, so the plain limit, zero, is given there.
    """
    coefficient = "AC1" if np.array_equal(weights, np.eye(len(weights))) else "AC2"
    return summary(coefficient, ratings, weights, _of_patterns, confidence)


def _of_patterns(patterns: RatingPatterns, weights: FloatArray) -> Estimate:
    return estimate(patterns.counts, patterns.frequency, weights)


def estimate(counts: IntArray, frequency: FloatArray, weights: FloatArray) -> Estimate:
    """The coefficient and its linearised terms (Gwet 2014, chapter 5; the population of units is endless).

    ``d_i = u_i - 2 (1 - AC) (pe_i - pe) / (1 - pe) - AC`` where ``u_i = n / n2 * (pa_i - pe) / (1 - pe)`` for the
    ``n2`` units with two ratings or more, else 0, and ``pe_i = T / (q (q - 1)) * sum_k (1 - pi_k) r_ik / r_i``.

    Parameters
    ----------
    counts : (p, q) int
        Raters per category of each pattern; one must have two raters.
    frequency : (p,) float
        Share of the units that show each pattern.
    """
    q, raters = len(weights), counts.sum(axis=1)
    agreeing, pi = unit_agreement(counts, weights), category_shares(counts, frequency)
    paired, factor = paired_frequency(counts, frequency), weights.sum() / (q * (q - 1))
    pa, pe = float(paired @ agreeing), float(factor * (pi * (1 - pi)).sum())
    if 1 - pe < NEGLIGIBLE:
        return Estimate(value=None, pa=pa, pe=pe, deviations=np.zeros(0))
    value = (pa - pe) / (1 - pe)
    share_paired = float(frequency @ (raters >= 2))
    own = (agreeing - pe) * (raters >= 2) / share_paired / (1 - pe)
    chance = factor * (counts @ (1 - pi)) / raters
    return Estimate(value=value, pa=pa, pe=pe, deviations=own - 2 * (1 - value) * (chance - pe) / (1 - pe) - value)
