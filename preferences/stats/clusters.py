"""Units that belong together, such as the turns of one dialogue, as patterns counted in each cluster."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.tables import RatingPatterns, distinct, distinct_rows, whole


@dataclass(frozen=True, eq=False)
class ClusteredPatterns:
    """Rating patterns of units that are independent between clusters only.

    PostgreSQL gives what ``from_rows`` takes by one ``GROUP BY`` on the cluster and the pattern; and where many
    clusters are alike, as dialogues of one turn are, a second ``GROUP BY`` counts these in ``alike``.

    Attributes
    ----------
    patterns : RatingPatterns
        All units, whatever their cluster.
    cluster, pattern, multiplicity : (m,) int arrays
        So many units of this kind of cluster show this pattern.
    alike : (k,) int array
        How many clusters there are of each kind.
    """

    patterns: RatingPatterns
    cluster: IntArray
    pattern: IntArray
    multiplicity: IntArray
    alike: IntArray

    @classmethod
    def from_rows(
        cls,
        cluster: ArrayLike,
        counts: ArrayLike,
        multiplicity: ArrayLike | None = None,
        alike: ArrayLike | None = None,
    ) -> Self:
        """Rows of a cluster, a pattern and how many units of the cluster show it.

        Parameters
        ----------
        cluster : (m,) int
            Any whole numbers that tell clusters apart; with `alike`, ``0..k-1``.
        counts : (m, q) int
            Raters per category. Rows without a rating are dropped.
        multiplicity : (m,) int, optional
            Units; one for each row when not given.
        alike : (k,) int, optional
            How many clusters look just like cluster ``0..k-1``; one when not given.
        """
        rows = whole(counts, "Counts")
        number = np.ones(len(rows), dtype=np.int64) if multiplicity is None else whole(multiplicity, "Multiplicities")
        label = whole(cluster, "Clusters")
        if rows.ndim != 2 or label.shape != rows.shape[:1] or number.shape != rows.shape[:1]:
            raise ValueError("Each row needs one cluster, one count for each category and one multiplicity.")
        times = _times(label, alike)
        rated = rows.any(axis=1)
        rows, label, number = rows[rated], label[rated], number[rated]
        kinds, position = np.unique(label, return_inverse=True)
        times = times[kinds] if alike is not None else np.ones(kinds.size, dtype=np.int64)
        patterns = RatingPatterns(rows, number * times[position])
        _, pattern = distinct_rows(rows)  # in the order in which RatingPatterns has them
        return cls(patterns, position, pattern, number, times)

    @classmethod
    def from_units(cls, cluster: IntArray, kind: IntArray, counts: IntArray) -> Self:
        """Units one by one, however many: each is in a cluster and shows one of few patterns.

        Parameters
        ----------
        cluster, kind : (n,) int
            Any whole numbers that tell clusters apart, and a row of `counts` for each unit.
        counts : (p, q) int
            Raters per category, different rows with a rating each; every one of them is shown by some unit.
        """
        patterns = RatingPatterns(counts, np.bincount(kind, minlength=len(counts)))
        _, place = distinct_rows(counts)  # in the order in which RatingPatterns has them
        own, position = distinct(cluster)
        return cls(patterns, position, place[kind], np.ones_like(kind), np.ones_like(own))

    def paired(self) -> Self:
        """The units with at least two ratings, and the clusters that have one."""
        is_pair = (self.patterns.raters >= 2)[self.pattern]
        counts = self.patterns.counts[self.pattern]
        return self.from_rows(self.cluster[is_pair], counts[is_pair], self.multiplicity[is_pair], self.alike)

    @property
    def q(self) -> int:
        """Number of categories of the scale."""
        return self.patterns.q

    @property
    def clusters(self) -> int:
        """Clusters with at least one rating."""
        return int(self.alike.sum())

    def squares(self, deviations: FloatArray) -> float:
        """Sum over clusters of the square of their units' sum; ``deviations`` has one number for each pattern."""
        sums = np.bincount(self.cluster, self.multiplicity * deviations[self.pattern], minlength=self.alike.size)
        return float(self.alike @ sums**2)


def _times(label: IntArray, alike: ArrayLike | None) -> IntArray:
    if alike is None:
        return np.zeros(0, dtype=np.int64)
    times = whole(alike, "Numbers of clusters")
    if times.ndim != 1 or (times <= 0).any():
        raise ValueError("Every kind of cluster must stand for at least one cluster.")
    if label.min(initial=0) < 0 or label.max(initial=0) >= max(times.size, 1):
        raise ValueError(f"With {times.size} kinds of clusters, their numbers go from 0 to {times.size - 1}.")
    return times
