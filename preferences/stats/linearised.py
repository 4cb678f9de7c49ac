"""From a coefficient's estimate to its answer: precision, interval and a sentence where a number is missing.

A coefficient is ``(pa - pe) / (1 - pe)``. It is linearised as the mean over the units of terms, so that its variance is
that of a mean::

    var = sum_i d_i^2 / (n (n - 1))                          units that are independent
    var = G / (G - 1) * sum_g (sum_(i in g) d_i)^2 / n^2     G clusters of units that are independent between clusters

with ``d_i`` the deviation of a unit's term from the coefficient. The interval takes Student's t with ``n - 1`` or
``G - 1`` degrees of freedom. Clusters of one unit each give the same as no clusters.

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.), chapter 5.
Gwet, K. L. (2021). Large-sample variance of Fleiss generalized kappa. Educational and Psychological Measurement, 81(4),
781-790.
Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
Statistical Review, 51, 279-292.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt
from typing import TypeAlias

import numpy as np

from preferences.stats import quantiles
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.components import check_weights
from preferences.stats.tables import RatingPatterns

NO_SCALE = "Agreement needs a scale with at least two categories."
NO_RATINGS = "Nothing has been rated yet."
NO_PAIR = "No item has two ratings yet, so there is no agreement to measure."
ALL_CHANCE = "With these weights every pair of ratings counts as agreement by chance, so nothing is left to measure."
ONE_UNIT = "Only one item has been rated, so the precision of this value is unknown."
ONE_CLUSTER = "All items belong to one dialogue, so the precision of this value is unknown."
ONE_CATEGORY = "Every rating is in the same category: agreement is complete, but the scale was not put to the test."
NO_SPREAD = "Every item shows the same agreement, so the interval has no width; that does not make the value certain."

# Below this a difference is rounding noise.
NEGLIGIBLE = 1e-12

Ratings: TypeAlias = RatingPatterns | ClusteredPatterns


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimate:
    """A coefficient of p patterns and what each of them adds to it.

    Attributes
    ----------
    value : float or None
        None where everything is agreement by chance.
    pa, pe : float
        Observed and chance agreement.
    deviations : (p,) float array
        ``d_i`` of one unit of each pattern; empty where there is no value.
    """

    value: float | None
    pa: float
    pe: float
    deviations: FloatArray


Estimator: TypeAlias = Callable[[RatingPatterns, FloatArray], Estimate]


def summary(
    coefficient: str,
    ratings: Ratings,
    weights: FloatArray,
    estimator: Estimator,
    confidence: float,
    *,
    only_pairs: bool = False,
) -> Agreement:
    """The estimator's answer for these ratings, with its precision; data that cannot carry a number give a note.

    The interval is cut at 1, as in Gwet's own software, and at -1 (or at the value, where it lies below). With
    `only_pairs` the estimator sees the units with at least two ratings only.
    """
    quantiles.upper_tail(confidence)
    patterns = ratings.patterns if isinstance(ratings, ClusteredPatterns) else ratings
    check_weights(weights, patterns.q)
    blank = unmeasured(coefficient, patterns, confidence)
    if note := why_not(patterns):
        return replace(blank, note=note)
    if only_pairs:
        ratings = ratings.paired()
        patterns = ratings.patterns if isinstance(ratings, ClusteredPatterns) else ratings
    estimate = estimator(patterns, weights)
    measured = replace(blank, percent_agreement=estimate.pa, chance_agreement=estimate.pe)
    if estimate.value is not None:
        return _with_precision(replace(measured, value=estimate.value), estimate.value, estimate.deviations, ratings)
    if one_category(patterns):
        # Kappa and alpha are 0 / 0 here; complete agreement is called 1, as AC1 is and as irrCAC has it.
        return _with_precision(replace(measured, value=1.0), 1.0, np.zeros(len(patterns.counts)), ratings)
    return replace(measured, note=ALL_CHANCE)


def unmeasured(coefficient: str, patterns: RatingPatterns, confidence: float) -> Agreement:
    """What there is to say of these ratings before anything is measured."""
    return Agreement(
        coefficient=coefficient,
        value=None, se=None, low=None, high=None, confidence=confidence,
        percent_agreement=None, chance_agreement=None,
        units=patterns.units, ratings=patterns.ratings, note=None,
    )  # fmt: skip


def why_not(patterns: RatingPatterns) -> str | None:
    """Sentence that says why no coefficient exists for these ratings, if so."""
    if patterns.q < 2:
        return NO_SCALE
    if patterns.units == 0:
        return NO_RATINGS
    return None if (patterns.raters >= 2).any() else NO_PAIR


def _with_precision(measured: Agreement, value: float, deviations: FloatArray, ratings: Ratings) -> Agreement:
    if isinstance(ratings, ClusteredPatterns):
        patterns, groups, squares = ratings.patterns, ratings.clusters, ratings.squares(deviations)
    else:
        patterns, groups, squares = ratings, ratings.units, float(ratings.multiplicity @ deviations**2)
    if groups == 1:
        return replace(measured, note=ONE_UNIT if patterns.units == 1 else ONE_CLUSTER)
    # One pattern or one category has no spread by definition; the sum would leave rounding noise.
    is_uniform = len(patterns.multiplicity) == 1 or one_category(patterns)
    se = 0.0 if is_uniform else sqrt(groups / (groups - 1) * squares) / patterns.units
    note = ONE_CATEGORY if one_category(patterns) else NO_SPREAD if se < NEGLIGIBLE else None
    return replace(with_interval(measured, value, se, groups - 1), note=note)


def with_interval(measured: Agreement, value: float, se: float, degrees: int) -> Agreement:
    """The t interval, cut off at 1, and at -1 where the value lies above."""
    reach = quantiles.student_t(measured.confidence, degrees) * se
    return replace(measured, se=se, low=max(value - reach, min(value, -1.0)), high=min(value + reach, 1.0))


def one_category(patterns: RatingPatterns) -> bool:
    """Whether all ratings are in one category."""
    return int(patterns.counts.any(axis=0).sum()) == 1
