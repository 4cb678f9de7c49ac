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

from preferences.stats import quantiles
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.components import category_shares, check_weights, percent_agreement, unit_agreement
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme, identity, matrix

NO_SCALE = "Agreement needs a scale with at least two categories."
NO_RATINGS = "Nothing has been rated yet."
NO_PAIR = "No item has two ratings yet, so there is no agreement to measure."
ALL_CHANCE = "With these weights every pair of ratings counts as agreement by chance, so nothing is left to measure."
ONE_UNIT = "Only one item has been rated, so the precision of this value is unknown."
ONE_CATEGORY = "Every rating is in the same category: agreement is complete, but the scale was not put to the test."
NO_SPREAD = "Every item shows the same agreement, so the interval has no width; that does not make the value certain."

# Below this a difference is rounding noise.
NEGLIGIBLE = 1e-12


def ac1(patterns: RatingPatterns, *, confidence: float = 0.95) -> Agreement:
    """Gwet's AC1: raters agree only when they choose the same category."""
    return gwet_ac(patterns, identity(patterns.q), confidence=confidence)


def ac2(
    patterns: RatingPatterns,
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
    scale = np.arange(1, patterns.q + 1) if values is None else values
    return replace(gwet_ac(patterns, matrix(scheme, scale), confidence=confidence), coefficient="AC2")


def gwet_ac(patterns: RatingPatterns, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Gwet's coefficient with any (q, q) weight matrix.

    The interval is ``AC +- t(n - 1) * se`` with ``n`` units of at least one rating, cut at 1 and at
    -1 (or at the value, where units with a single rating push it below -1). Data that cannot carry
    a number give None and a note instead.

    Gwet's variance takes the number of units with two ratings as fixed. With many units rated only once
    it is therefore too wide, the more so the higher the agreement. When one category holds every rating
    it would show nothing but that excess, so the plain limit, zero, is given there.
    """
    quantiles.upper_tail(confidence)
    check_weights(weights, patterns.q)
    blank = Agreement(
        coefficient="AC1" if np.array_equal(weights, np.eye(patterns.q)) else "AC2",
        value=None, se=None, low=None, high=None, confidence=confidence,
        percent_agreement=None, chance_agreement=None,
        units=patterns.units, ratings=patterns.ratings, note=None,
    )  # fmt: skip
    if note := _why_not(patterns):
        return replace(blank, note=note)
    pa, pe = percent_agreement(patterns, weights), _chance_agreement(patterns, weights)
    measured = replace(blank, percent_agreement=pa, chance_agreement=pe)
    if 1 - pe < NEGLIGIBLE:
        return replace(measured, note=ALL_CHANCE)
    value = (pa - pe) / (1 - pe)
    if patterns.units == 1:
        return replace(measured, value=value, note=ONE_UNIT)
    se = _standard_error(patterns, weights, value, pe)
    note = ONE_CATEGORY if _one_category(patterns) else NO_SPREAD if se < NEGLIGIBLE else None
    return _with_interval(replace(measured, value=value, note=note), value, se)


def _why_not(patterns: RatingPatterns) -> str | None:
    """Sentence that says why no coefficient exists for these ratings, if so."""
    if patterns.q < 2:
        return NO_SCALE
    if patterns.units == 0:
        return NO_RATINGS
    return None if (patterns.raters >= 2).any() else NO_PAIR


def _chance_agreement(patterns: RatingPatterns, weights: FloatArray) -> float:
    pi = category_shares(patterns)
    return float(weights.sum() / (patterns.q * (patterns.q - 1)) * (pi * (1 - pi)).sum())


def _standard_error(patterns: RatingPatterns, weights: FloatArray, value: float, pe: float) -> float:
    """Gwet's linearised standard error over units (Gwet 2014, chapter 5; the population of units is endless).

    ``var = sum_i (u_i - 2 (1 - AC) (pe_i - pe) / (1 - pe) - AC)^2 / (n (n - 1))`` where
    ``u_i = n / n2 * (pa_i - pe) / (1 - pe)`` for the ``n2`` units with two ratings or more, else 0, and
    ``pe_i = T / (q (q - 1)) * sum_k (1 - pi_k) r_ik / r_i``.
    """
    # One pattern has no spread by definition; the sum below would leave rounding noise.
    if len(patterns.multiplicity) == 1 or _one_category(patterns):
        return 0.0
    n, q, raters, multiplicity = patterns.units, patterns.q, patterns.raters, patterns.multiplicity
    paired = raters >= 2
    n2 = int(multiplicity[paired].sum())
    agreement = n / n2 * (unit_agreement(patterns, weights) - pe) * paired / (1 - pe)
    chance = weights.sum() / (q * (q - 1)) * (patterns.counts @ (1 - category_shares(patterns))) / raters
    terms = agreement - 2 * (1 - value) * (chance - pe) / (1 - pe)
    return float(np.sqrt(multiplicity @ (terms - value) ** 2 / n / (n - 1)))


def _one_category(patterns: RatingPatterns) -> bool:
    return int(patterns.counts.any(axis=0).sum()) == 1


def _with_interval(measured: Agreement, value: float, se: float) -> Agreement:
    reach = quantiles.student_t(measured.confidence, measured.units - 1) * se
    # Gwet's own software cuts the upper limit at 1.
    return replace(measured, se=se, low=max(value - reach, min(value, -1.0)), high=min(value + reach, 1.0))
