"""Cohen's weighted kappa of two raters, and Light's mean of it over all pairs of more.

With ``p_kl`` the share of the units that both rated which the one puts in category ``k`` and the other in ``l``::

    kappa = (po - pe) / (1 - pe)
    po    = sum_kl w_kl p_kl
    pe    = sum_kl w_kl p_k. p_.l

Unlike the other coefficients it needs to know who gave which rating, and fits two fixed raters; where any three of a
hundred people rate a unit, as here, it says little.

References
----------
Cohen, J. (1968). Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit.
Psychological Bulletin, 70, 213-220.
Fleiss, J. L., Cohen, J. and Everitt, B. S. (1969). Large sample standard errors of kappa and weighted kappa.
Psychological Bulletin, 72, 323-327.
Light, R. J. (1971). Measures of response agreement for qualitative data. Psychological Bulletin, 76, 365-377.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.components import check_weights
from preferences.stats.linearised import (
    ALL_CHANCE,
    NEGLIGIBLE,
    NO_SPREAD,
    ONE_CATEGORY,
    ONE_UNIT,
    Estimate,
    one_category,
    unmeasured,
    why_not,
    with_interval,
)
from preferences.stats.tables import MISSING, RatingPatterns, distinct_rows


def cohen(ratings: ArrayLike, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Cohen's kappa of two raters; of more, Light's mean over all pairs of raters that have units in common.

    The standard error is linearised over the units rated by two or more, those of a pair being drawn anew with them. A
    pair for which everything is agreement by chance has no kappa and is left out.

    Parameters
    ----------
    ratings : (n, r) int
        Category indices ``0..q-1``, units by raters, -1 where missing.
    weights : (q, q) float
        Agreement weights.
    """
    quantiles.upper_tail(confidence)
    q = len(weights)
    check_weights(weights, q)
    patterns = RatingPatterns.from_ratings(ratings, q)
    blank = unmeasured("Cohen's kappa", patterns, confidence)
    if note := why_not(patterns):
        return replace(blank, note=note)
    rows, position = distinct_rows(np.asarray(ratings, dtype=np.int64) - MISSING)
    rows, times = rows + MISSING, np.bincount(position)
    shared = (rows != MISSING).sum(axis=1) >= 2
    return _mean(blank, patterns, rows[shared], times[shared], weights)


def _mean(
    blank: Agreement, patterns: RatingPatterns, rows: IntArray, times: IntArray, weights: FloatArray
) -> Agreement:
    """Mean over the pairs of raters, of distinct rows with two ratings or more and how often each occurs."""
    pairs = [_pair(rows[:, two], times, weights) for two in combinations(range(rows.shape[1]), 2)]
    met = [pair for pair in pairs if pair is not None]
    told = [(pair.value, pair.deviations) for pair in met if pair.value is not None]
    measured = replace(
        blank,
        percent_agreement=float(np.mean([pair.pa for pair in met])),
        chance_agreement=float(np.mean([pair.pe for pair in met])),
    )
    if not told:
        if not one_category(patterns):
            return replace(measured, note=ALL_CHANCE)
        told = [(1.0, np.zeros(len(times)))]
    value, n = float(np.mean([value for value, _ in told])), int(times.sum())
    measured = replace(measured, value=value)
    if n == 1:
        return replace(measured, note=ONE_UNIT)
    deviations = np.mean([deviations for _, deviations in told], axis=0)
    se = float(np.sqrt(times @ deviations**2 / (n * (n - 1))))
    note = ONE_CATEGORY if one_category(patterns) else NO_SPREAD if se < NEGLIGIBLE else None
    return replace(with_interval(measured, value, se, n - 1), note=note)


def _pair(two: IntArray, times: IntArray, weights: FloatArray) -> Estimate | None:
    """Kappa of two raters, with deviations that are zero where one of them is missing; None where they never met.

    ``d = n / n2 * (w_kl - po - (1 - kappa) (sum_l w_kl p_.l + sum_k w_kl p_k. - 2 pe)) / (1 - pe)`` for the ``n2`` of n
    units that both rated.
    """
    both = (two != MISSING).all(axis=1)
    number = times[both]
    if not number.size:
        return None
    one, other = two[both].T
    q, n2 = len(weights), int(number.sum())
    ones, others = (np.bincount(rated, number, minlength=q) / n2 for rated in (one, other))
    agreeing = weights[one, other]
    po, pe = float(number @ agreeing / n2), float(ones @ weights @ others)
    if 1 - pe < NEGLIGIBLE:
        return Estimate(value=None, pa=po, pe=pe, deviations=np.zeros(0))
    value = (po - pe) / (1 - pe)
    chance = (weights @ others)[one] + (ones @ weights)[other] - 2 * pe
    deviations = np.zeros(len(two))
    deviations[both] = times.sum() / n2 * (agreeing - po - (1 - value) * chance) / (1 - pe)
    return Estimate(value=value, pa=po, pe=pe, deviations=deviations)
