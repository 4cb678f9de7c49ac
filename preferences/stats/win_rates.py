"""Wins of one side over judgments that depend on each other, such as those of one dialogue."""

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.intervals import Interval
from preferences.stats.paired import half_points
from preferences.stats.tables import whole


def clustered_win_rate(outcome: ArrayLike, cluster: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """``(wins + ties / 2) / n`` with Tango's interval for as many judgments as the n are worth.

    With ``x`` a judgment's points and ``k`` clusters, n judgments are worth ``n / D`` independent ones, where ::

        D = max(1, k / (k - 1) * sum over clusters of (sum of x - mean)^2 / sum of (x - mean)^2)

    and where all points are alike ``D = n / k``: each cluster says the same once. No limits from a single cluster.

    Parameters
    ----------
    outcome : (n,) int
        1, 0 or -1: for the side, a tie, against it.
    cluster : (n,) int
        Any whole numbers that tell clusters apart.

    References
    ----------
    Rao, J. N. K., & Scott, A. J. (1992). A simple method for the analysis of clustered binary data. Biometrics, 48,
    577-585.
    """
    result, label = whole(outcome, "Outcomes"), whole(cluster, "Clusters")
    if result.ndim != 1 or result.shape != label.shape or (np.abs(result) > 1).any():
        raise ValueError("Each judgment needs one cluster and one outcome: 1 for the side, 0 for a tie, -1 against it.")
    n = result.size
    own, position = np.unique(label, return_inverse=True)
    k = own.size
    if k == 1:
        return Interval(value=float((1 + result.mean()) / 2), low=None, high=None, confidence=confidence)
    if k == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    apart = (result - result.mean()) / 2
    spread = float(apart @ apart)
    sums = np.bincount(position, apart)
    worth = max(1.0, k / (k - 1) * float(sums @ sums) / spread) if spread else n / k
    wins, losses = float((result > 0).sum()), float((result < 0).sum())
    return half_points(wins / worth, losses / worth, n / worth, confidence)
