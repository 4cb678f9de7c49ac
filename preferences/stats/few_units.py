"""An interval for Gwet's coefficients that also holds for few units, near full agreement, and with single ratings.

The plain interval, ``AC +- t se``, is too short where disagreement is rare: a sample that happens to show little of it
has both a high coefficient and a small standard error, and one that shows none has no width at all. It is too long
where many units are rated once (`gwet_ac`). Three changes mend this:

- One unit is added whose two raters guess, spread over all their patterns, as Wilson's interval adds observations of
  both kinds to a share.
- The limits are made for the cube root of the disagreement ``d = 1 - AC``, on which scale small means of squares are
  nearly normal: ``1 - (d^(1/3) +- t se d^(-2/3) / 3)^3``.
- The number of units with two ratings varies from sample to sample: ``d_i + AC (1 - n / n2)`` for them and
  ``d_i + AC`` for the others, with ``d_i`` as in `preferences.stats.gwet`.

docs/statistics.md has the coverage of both by simulation.

References
----------
Agresti, A. and Coull, B. A. (1998). Approximate is better than "exact" for interval estimation of binomial proportions.
The American Statistician, 52, 119-126 (adding observations).
Wilson, E. B. and Hilferty, M. M. (1931). The distribution of chi-square. Proceedings of the National Academy of
Sciences, 17, 684-688 (the cube root).
Särndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling, section 5.6 (ratios).
"""

from math import sqrt

import numpy as np

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.gwet import estimate, gwet_ac
from preferences.stats.intervals import Interval
from preferences.stats.linearised import Ratings
from preferences.stats.planning import model

# Units whose raters guess.
ADDED = 1


def gwet_few_units(ratings: Ratings, weights: FloatArray, *, confidence: float = 0.95) -> Interval:
    """Gwet's coefficient, as `gwet_ac` has it, with limits that hold for few units too; see the module.

    There are none where the coefficient has none, for one unit or for one cluster.
    """
    value = gwet_ac(ratings, weights, confidence=confidence).value
    groups = ratings.clusters if isinstance(ratings, ClusteredPatterns) else ratings.units
    if value is None or groups < 2:
        return Interval(value=value, low=None, high=None, confidence=confidence)
    shrunk, se = _with_guess(ratings, weights, groups)
    gap = 1 - shrunk
    root = gap ** (1 / 3)
    reach = quantiles.student_t(confidence, groups - 1) * se * root / (3 * gap)
    low, high = 1 - (root + reach) ** 3, 1 - max(0.0, root - reach) ** 3
    return Interval(value=value, low=min(max(low, -1.0), value), high=max(high, value), confidence=confidence)


def _with_guess(ratings: Ratings, weights: FloatArray, groups: int) -> tuple[float, float]:
    """The coefficient with the guessed unit, and its standard error."""
    patterns = ratings.patterns if isinstance(ratings, ClusteredPatterns) else ratings
    guesses, chances = model(0.0, 2, ratings.q)
    counts = np.vstack([patterns.counts, guesses])
    number = np.concatenate([patterns.multiplicity, ADDED * chances])
    n, p = patterns.units + ADDED, len(patterns.counts)
    found = estimate(counts, number / n, weights)
    assert found.value is not None  # guesses are spread over the scale, and the weights leave something to chance
    paired = counts.sum(axis=1) >= 2
    deviations = found.deviations + found.value * (1 - paired * n / float(number @ paired))
    squares = number[p:] @ deviations[p:] ** 2
    if isinstance(ratings, ClusteredPatterns):
        squares += ratings.squares(deviations[:p])
        return found.value, sqrt(groups / (groups - 1) * squares) / n
    return found.value, sqrt((squares + number[:p] @ deviations[:p] ** 2) / (n * (n - 1)))
