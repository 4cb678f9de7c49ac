"""The published formulas again, slow and plain: unit by unit, pair by pair."""

from itertools import permutations
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray

NA = -1

# Gwet's four raters, twelve units, five categories, from the Handbook of Inter-Rater Reliability.
FOUR_RATERS = np.array([
    (1, 1, 0, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (0, 5, 5, 5), (0, 0, 1, 1), (0, 0, 3, 0),
]) - 1  # fmt: skip


def gwet(ratings: ArrayLike, weights: FloatArray) -> tuple[float, float | None, float, float]:
    """AC, standard error, pa and pe of an (n, r) table of category indices, -1 where missing."""
    q = len(weights)
    units = [[k for k in row if k != NA] for row in np.asarray(ratings).tolist()]
    units = [unit for unit in units if unit]
    paired = [unit for unit in units if len(unit) >= 2]
    n, factor = len(units), weights.sum() / (q * (q - 1))
    pa = sum(_agreement(unit, weights) for unit in paired) / len(paired)
    pi = [sum(unit.count(k) / len(unit) for unit in units) / n for k in range(q)]
    pe = factor * sum(share * (1 - share) for share in pi)
    value = (pa - pe) / (1 - pe)
    total = 0.0
    for unit in units:
        own = n / len(paired) * (_agreement(unit, weights) - pe) / (1 - pe) if len(unit) >= 2 else 0.0
        chance = factor * sum(1 - pi[k] for k in unit) / len(unit)
        total += (own - 2 * (1 - value) * (chance - pe) / (1 - pe) - value) ** 2
    return value, sqrt(total / (n * (n - 1))) if n > 1 else None, pa, pe


def known(number: float | None) -> float:
    """The number, which must be there."""
    assert number is not None
    return number


def _agreement(unit: list[int], weights: FloatArray) -> float:
    pairs = list(permutations(unit, 2))
    return float(sum(weights[one, other] for one, other in pairs) / len(pairs))
