"""Ratings as distinct count patterns: what every agreement coefficient here is computed from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray, IntArray

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
        counts = whole(self.counts, "Counts")
        multiplicity = whole(self.multiplicity, "Multiplicities")
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
        table = whole(ratings, "Ratings")
        if table.size == 0:
            return cls.from_counts(np.zeros((0, q), dtype=np.int64))
        if table.ndim != 2:
            raise ValueError(f"Ratings must be a table of units by raters, not an array of shape {table.shape}.")
        if table.min() < MISSING or table.max() >= q:
            raise ValueError(f"Ratings must be category indices from 0 to {q - 1}, or {MISSING} where missing.")
        rows, times = table, np.ones(len(table), dtype=np.int64)
        if _fits(q + 1, table.shape[1]):
            # Few of the rows differ from each other, whatever the number of units.
            rows, position = distinct_rows(table - MISSING)
            rows, times = rows + MISSING, np.bincount(position)
        unit, rater = np.nonzero(rows != MISSING)
        cells = unit * q + rows[unit, rater]
        return cls(np.bincount(cells, minlength=len(rows) * q).reshape(len(rows), q), times)

    def paired(self) -> Self:
        """The units with at least two ratings."""
        is_pair = self.raters >= 2
        return type(self)(self.counts[is_pair], self.multiplicity[is_pair])

    @property
    def q(self) -> int:
        """Number of categories of the scale."""
        return int(self.counts.shape[1])

    @property
    def raters(self) -> IntArray:
        """Ratings of one unit of each pattern, shape (p,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64)

    @property
    def frequency(self) -> FloatArray:
        """Share of the units that show each pattern, shape (p,)."""
        return np.asarray(self.multiplicity / max(self.units, 1), dtype=np.float64)

    @property
    def units(self) -> int:
        """Units with at least one rating."""
        return int(self.multiplicity.sum())

    @property
    def ratings(self) -> int:
        """All ratings of all units."""
        return int(self.raters @ self.multiplicity)


def distinct_rows(table: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct rows of an (n, c) table without negative numbers, in order, and which of them each row is.

    Returns
    -------
    rows : (d, c) int array
    position : (n,) int array
        ``rows[position]`` is the table.
    """
    base = int(table.max(initial=0)) + 1
    if not _fits(base, table.shape[1]):
        rows, position = np.unique(table, axis=0, return_inverse=True)
        return rows, position.reshape(-1)
    places = base ** np.arange(table.shape[1] - 1, -1, -1, dtype=np.int64)
    codes, position = _distinct(table @ places, base ** table.shape[1])
    return codes[:, None] // places % base, position


def distinct(numbers: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct numbers of an (n,) array, in order, and which of them each one is; quick where they lie close."""
    if not numbers.size:
        return numbers, numbers
    least = numbers.min()
    own, position = _distinct(numbers - least, int(numbers.max() - least) + 1)
    return own + least, position


def _fits(base: int, digits: int) -> bool:
    """Whether so many digits make one number; rows are sorted as such some twenty times as fast."""
    return bool(base**digits <= np.iinfo(np.int64).max)


def _distinct(codes: IntArray, bound: int) -> tuple[IntArray, IntArray]:
    """The distinct numbers below ``bound``, in order, and which of them each one is."""
    if bound > max(1024, codes.size):
        distinct, position = np.unique(codes, return_inverse=True)
        return distinct, position
    # Where they are many and small, counting is faster than sorting.
    seen = np.bincount(codes, minlength=1) > 0
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[codes]


def whole(numbers: ArrayLike, what: str) -> IntArray:
    """The numbers as integers; ValueError, naming `what`, where one of them is none."""
    array = np.asarray(numbers)
    is_whole = array.dtype.kind in "iu" or (
        array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.trunc(array)).all()
    )
    if not is_whole:
        raise ValueError(f"{what} must be whole numbers.")
    return array.astype(np.int64)


def _merged(counts: IntArray, multiplicity: IntArray) -> tuple[IntArray, IntArray]:
    distinct, position = distinct_rows(counts)
    totals = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(totals, position, multiplicity)
    for array in (distinct, totals):
        array.setflags(write=False)
    return distinct, totals
