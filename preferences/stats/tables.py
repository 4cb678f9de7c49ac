"""Ratings as distinct count patterns: what every agreement coefficient here is computed from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import IntArray

MISSING = -1


@dataclass(frozen=True, eq=False)
class RatingPatterns:
    """Units grouped by how many raters put them in each category.

    A platform has many units but few distinct patterns, and one SQL ``GROUP BY`` gives them.
    Equal patterns are merged, patterns without a rating are dropped, and both arrays are read-only.

    Attributes
    ----------
    counts : (p, q) int array
        Raters per category, one row for each distinct pattern. ``q`` is set by the scale, not by the data.
    multiplicity : (p,) int array
        How many units show the pattern.
    """

    counts: IntArray
    multiplicity: IntArray

    def __post_init__(self) -> None:
        counts = _whole(self.counts, "Counts")
        multiplicity = _whole(self.multiplicity, "Multiplicities")
        if counts.ndim != 2:
            raise ValueError(f"Counts must be a table of patterns by categories, not an array of shape {counts.shape}.")
        if multiplicity.shape != counts.shape[:1]:
            raise ValueError(f"{len(counts)} patterns need as many multiplicities, not shape {multiplicity.shape}.")
        if (counts < 0).any():
            raise ValueError("Counts must not be negative.")
        if (multiplicity <= 0).any():
            raise ValueError("Every pattern must belong to at least one unit.")
        rated = counts.any(axis=1)
        counts, multiplicity = _merged(counts[rated], multiplicity[rated])
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "multiplicity", multiplicity)

    @classmethod
    def from_counts(cls, matrix: ArrayLike) -> Self:
        """Patterns of an (n, q) table with one row for each unit: raters per category."""
        counts = np.asarray(matrix)
        return cls(counts, np.ones(counts.shape[:1], dtype=np.int64))

    @classmethod
    def from_ratings(cls, ratings: ArrayLike, q: int) -> Self:
        """Patterns of an (n, r) table of category indices ``0..q-1``, units by raters, -1 where missing."""
        table = _whole(ratings, "Ratings")
        if table.size == 0:
            return cls.from_counts(np.zeros((0, q), dtype=np.int64))
        if table.ndim != 2:
            raise ValueError(f"Ratings must be a table of units by raters, not an array of shape {table.shape}.")
        if (table < MISSING).any() or (table >= q).any():
            raise ValueError(f"Ratings must be category indices from 0 to {q - 1}, or {MISSING} where missing.")
        unit, rater = np.nonzero(table != MISSING)
        cells = unit * q + table[unit, rater]
        return cls.from_counts(np.bincount(cells, minlength=len(table) * q).reshape(len(table), q))

    @property
    def q(self) -> int:
        """Number of categories of the scale."""
        return int(self.counts.shape[1])

    @property
    def raters(self) -> IntArray:
        """Ratings of one unit of each pattern, shape (p,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64)

    @property
    def units(self) -> int:
        """Units with at least one rating."""
        return int(self.multiplicity.sum())

    @property
    def ratings(self) -> int:
        """All ratings of all units."""
        return int(self.raters @ self.multiplicity)


def _whole(numbers: ArrayLike, what: str) -> IntArray:
    array = np.asarray(numbers)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all() or (array != np.trunc(array)).any():
        raise ValueError(f"{what} must be whole numbers.")
    return array.astype(np.int64)


def _merged(counts: IntArray, multiplicity: IntArray) -> tuple[IntArray, IntArray]:
    distinct, position = np.unique(counts, axis=0, return_inverse=True)
    totals = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(totals, position.reshape(-1), multiplicity)
    for array in (distinct, totals):
        array.setflags(write=False)
    return distinct, totals
