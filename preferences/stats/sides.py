"""How often raters agree on the side alone, and how that depends on what one of them said.

Shapes: p patterns of q categories, as in `RatingPatterns`; `sides` gives each category a number, and categories of one
number are on one side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray
from preferences.stats.intervals import Interval, wilson
from preferences.stats.tables import RatingPatterns


@dataclass(frozen=True, kw_only=True)
class SameSide(Interval):
    """How often another rater is on the same side.

    Attributes
    ----------
    ratings : int
        Ratings that it is about: those that another rating of their unit stands beside.
    units : int
        The units that these belong to.
    """

    ratings: int
    units: int


def same_side(
    patterns: RatingPatterns, sides: ArrayLike, about: ArrayLike | None = None, *, confidence: float = 0.95
) -> SameSide:
    """Given a rating in one of the categories `about`, the chance that another rater of the unit is on its side.

    Each such rating counts once: with ``r_i`` raters in its unit, of whom ``s`` are on its side, it adds
    ``(s - 1) / (r_i - 1)``. The estimate is the ratio of sums ``R = sum_i y_i / sum_i x_i`` over the units, with
    ``x_i`` the ratings of the unit that count and ``y_i`` what they add. A unit's ratings are not independent: the
    variance is that of a ratio over independent units,

        ``var = n / (n - 1) * sum_i (y_i - R x_i)^2 / (sum_i x_i)^2``   over the n units with x_i > 0,

    and the interval is Wilson's at the number of independent observations that would have this variance,
    ``R (1 - R) / var``, at most the ratings themselves; where the variance is zero, at the number of units.

    Parameters
    ----------
    sides : (q,) int
        The side of each category.
    about : (q,) bool, optional
        Categories; all of them when not given, which is percent agreement on the side where units have as many raters.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques (3rd ed.), section 6.3.
    Dean, N. and Pagano, M. (2015). Evaluating confidence interval methods for binomial proportions in clustered
    surveys. Journal of Survey Statistics and Methodology, 3, 484-503.
    """
    side = np.asarray(sides)
    chosen = np.ones(patterns.q, dtype=bool) if about is None else np.asarray(about, dtype=bool)
    if side.shape != (patterns.q,) or chosen.shape != (patterns.q,):
        raise ValueError(f"Each of the {patterns.q} categories needs a side, and a word whether it is asked about.")
    counts, raters = patterns.counts, patterns.raters
    paired = raters >= 2
    on_side = counts @ (side[:, None] == side[None, :]).astype(np.int64)
    x = ((counts * chosen).sum(axis=1) * paired).astype(np.float64)
    y = (counts * chosen * (on_side - 1)).sum(axis=1) * paired / np.maximum(raters - 1, 1)
    weight = patterns.multiplicity * (x > 0)
    units, ratings = int(weight.sum()), int(weight @ x)
    if not units:
        return SameSide(value=None, low=None, high=None, confidence=confidence, ratings=0, units=0)
    share = float(weight @ y) / ratings
    found = wilson(share * (n := _independent(share, x, y, weight)), n, confidence)
    return SameSide(value=share, low=found.low, high=found.high, confidence=confidence, ratings=ratings, units=units)


def _independent(share: float, x: FloatArray, y: FloatArray, weight: FloatArray) -> float:
    """How many independent observations would be as precise."""
    units, ratings = float(weight.sum()), float(weight @ x)
    squares = float(weight @ (y - share * x) ** 2)
    if units < 2 or squares <= 1e-12 * units or not 0 < share < 1:
        return units
    variance = units / (units - 1) * squares / ratings**2
    return min(ratings, share * (1 - share) / variance)
