"""Where on a grid a mean is largest, and how sure that is.

The means are smoothed first by a local quadratic: at each point of the grid a parabola is fitted to the five nearest
points, near ones weighing more (Cleveland's tricube). One parabola over all of the grid would not do: the best of n
answers rises slowly with the temperature and falls steeply where the texts fall apart, so that its peak would be drawn
to the middle. Taking the largest mean as it is would prefer the luckiest point.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray
from preferences.stats.resamples import RESAMPLES, resampled_means

NEAREST = 5  # points that a parabola is fitted to
REACH = 1.25  # of the farthest of them, where the weights end: all five count
LEAST = 4  # points: three have a parabola through them anyway
TIED = 1e-9  # less than this apart is rounding


@dataclass(frozen=True, eq=False, kw_only=True)
class Optimum:
    """The point of a grid with the largest smoothed mean; of equal ones the first.

    Attributes
    ----------
    place : int
        Its index in the grid.
    fitted : (points,) float array
        The smoothed means.
    low, high : float or None
        The points between which it lies in so many of the resamples; None from one unit.
    shares : (points,) float array
        In what share of the resamples each point is best.
    alike : (points,) bool array
        Which points the data cannot tell from it: a confidence set that holds the true best point. One is left
        out when the largest lead over it is more than chance gives, at this confidence, where it is a best one.
    """

    place: int
    fitted: FloatArray
    low: float | None
    high: float | None
    shares: FloatArray
    alike: np.ndarray[tuple[int], np.dtype[np.bool_]]
    confidence: float


def optimum(
    grid: ArrayLike,
    values: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
) -> Optimum:
    """Of values (points, units), each unit measured at every point of the grid (points,), which rises.

    Units are resampled whole, so that what makes one good at every point does not count as noise.
    """
    points, numbers = np.asarray(grid, dtype=np.float64), np.asarray(values, dtype=np.float64)
    upper = quantiles.upper_tail(confidence)
    if numbers.ndim != 2 or numbers.shape[0] != points.size or numbers.shape[1] == 0:
        raise ValueError(f"Each of the {points.size} points needs a value of every unit, and there must be one.")
    smooth = smoother(points)
    fitted = smooth @ numbers.mean(axis=1)
    place = int(_first_largest(fitted[None])[0])
    if numbers.shape[1] == 1:
        alone = np.eye(points.size)[place]
        everywhere = np.ones(points.size, dtype=np.bool_)
        return Optimum(
            place=place, fitted=fitted, low=None, high=None, shares=alone, alike=everywhere, confidence=confidence
        )
    resampled = resampled_means(numbers, rng, resamples=resamples) @ smooth.T  # (resamples, points)
    best = _first_largest(resampled)
    low, high = np.quantile(points[best], [1 - upper, upper], method="inverted_cdf")
    return Optimum(
        place=place,
        fitted=fitted,
        low=float(low),
        high=float(high),
        shares=np.bincount(best, minlength=points.size) / resamples,
        alike=fitted[place] - fitted <= _leads_by_chance(resampled, fitted, numbers.shape[1], confidence) + TIED,
        confidence=confidence,
    )


def _leads_by_chance(resampled: FloatArray, fitted: FloatArray, units: int, confidence: float) -> FloatArray:
    """How far the others may lead over each point where they are no better, (points,).

    The largest lead over all the others, so that having picked the best one of many is allowed for.

    References
    ----------
    Hsu, J. C. (1981). Simultaneous confidence intervals for all distances from the "best". Annals of Statistics, 9,
    1026-1034; by the bootstrap in place of a normal distribution.
    """
    errors = (resampled - fitted) * (units / (units - 1)) ** 0.5
    leads: FloatArray = np.quantile(errors.max(axis=1, keepdims=True) - errors, confidence, axis=0)
    return leads


def smoother(grid: FloatArray) -> FloatArray:
    """The matrix (points, points) that takes means to their local quadratic fit; nothing is smoothed below four points.

    References
    ----------
    Cleveland, W. S. (1979). Robust locally weighted regression and smoothing scatterplots. Journal of the American
    Statistical Association, 74, 829-836.
    """
    if grid.ndim != 1 or grid.size == 0 or not (np.diff(grid) > 0).all():
        raise ValueError("A grid is a list of numbers that rise.")
    if grid.size < LEAST:
        return np.eye(grid.size)
    rows = np.zeros((grid.size, grid.size))
    for place, centre in enumerate(grid):
        away = grid - centre
        near = np.argsort(np.abs(away), kind="stable")[:NEAREST]
        scaled = away[near] / (REACH * np.abs(away[near]).max())
        root = (1 - np.abs(scaled) ** 3) ** 1.5
        # The value of the parabola at the centre is its constant: the first row of the least-squares solution.
        solution = np.linalg.pinv(np.vander(scaled, 3, increasing=True) * root[:, None])
        rows[place, near] = solution[0] * root
    return rows


def _first_largest(rows: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The place of the largest number of each row, (rows,); of equal ones the first."""
    places: np.ndarray[tuple[int], np.dtype[np.intp]] = np.argmax(
        rows >= rows.max(axis=1, keepdims=True) - TIED, axis=1
    )
    return places
