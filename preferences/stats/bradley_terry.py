"""Bradley-Terry strengths of competitors, with ties and with whatever else sways a comparison.

With log-strengths ``s`` that sum to zero and covariates ``x`` that speak for the first of two competitors::

    eta = s_i - s_j + x beta
    P(first) : P(tie) : P(second) = exp(eta / 2) : nu : exp(-eta / 2)

This is Davidson's model. Without ties it is Bradley and Terry's, ``P(first) = 1 / (1 + exp(-eta))``. Of the models with
ties it is the one in which a tie counts for the strengths as half a win for each side, as in the win rates of reports,
and whose likelihood has one maximum also with covariates. A column of ones is the advantage of being first.

References
----------
Bradley, R. A. and Terry, M. E. (1952). Rank analysis of incomplete block designs: I. The method of paired comparisons.
Biometrika, 39, 324-345.
Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison experiments.
Journal of the American Statistical Association, 65, 317-328.
Davidson, R. R. and Beaver, R. J. (1977). On extending the Bradley-Terry model to incorporate within-pair order effects.
Biometrics, 33, 693-702.
Ford, L. R. (1957). Solution of a ranking problem from binary comparisons. American Mathematical Monthly, 64(8), 28-33.
"""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.intervals import Interval
from preferences.stats.outcomes import ALL_TIED, Outcomes, maximum

NO_FINITE_SOLUTION = (
    "These wins have no finite Bradley-Terry solution: the competitors fall into two groups "
    "of which one never beat the other."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Strengths:
    """Maximum-likelihood log-strengths with mean zero, and what else the fit found.

    Attributes
    ----------
    log_strengths : (k,) float array
        Natural-log strengths; without ties a difference of 1 is odds of e to 1.
    se : (k,) float array
        Standard errors of the strengths, each against the mean of all.
    covariance : (k, k) float array
        ``c_ii + c_jj - 2 c_ij`` is the variance of ``s_i - s_j``.
    effects, effects_se : (c,) float arrays
        ``beta`` of each covariate, on the same scale as the strengths.
    log_tie, log_tie_se : float or None
        ``log nu``; None where nothing was tied.
    """

    log_strengths: FloatArray
    se: FloatArray
    covariance: FloatArray
    effects: FloatArray
    effects_se: FloatArray
    log_tie: float | None
    log_tie_se: float | None

    def difference(self, one: int, other: int, *, confidence: float = 0.95) -> Interval:
        """``s_one - s_other`` with its normal interval."""
        value = float(self.log_strengths[one] - self.log_strengths[other])
        variance = self.covariance[one, one] + self.covariance[other, other] - 2 * self.covariance[one, other]
        reach = quantiles.normal(confidence) * sqrt(max(0.0, variance))
        return Interval(value=value, low=value - reach, high=value + reach, confidence=confidence)

    def win_rate(self, one: int, other: int, *, confidence: float = 0.95) -> Interval:
        """The chance that ``one`` beats ``other``, half of that of a tie added, with all covariates at zero.

        The limits are those of the difference of strengths, at the tie parameter that was found.
        """
        gap = self.difference(one, other, confidence=confidence)
        value, low, high = (None if eta is None else self._points(eta) for eta in (gap.value, gap.low, gap.high))
        return Interval(value=value, low=low, high=high, confidence=confidence)

    def _points(self, eta: float) -> float:
        tied = 0.0 if self.log_tie is None else exp(self.log_tie - abs(eta) / 2)
        less = exp(-abs(eta))
        better = (1 + tied / 2) / (1 + tied + less)
        return better if eta >= 0 else 1 - better


def groups(wins: ArrayLike) -> IntArray:
    """To which group each competitor belongs, (k,): within one, all beat all others, directly or through a chain.

    A tie is half a win for each. Only competitors of one group have strengths on one scale (Ford 1957).
    """
    _, labels = scipy.sparse.csgraph.connected_components(_checked(wins) > 0, directed=True, connection="strong")
    return np.asarray(labels, dtype=np.int64)


def connected(wins: ArrayLike) -> bool:
    """Whether every competitor beat every other, directly or through a chain."""
    return bool((groups(wins) == 0).all())


def fit(wins: ArrayLike, *, tolerance: float = 1e-10, max_steps: int = 200) -> Strengths:
    """Strengths that make a table of wins most likely, by Newton's method with bounded steps.

    Parameters
    ----------
    wins : (k, k) numbers
        ``wins[i, j]`` counts how often ``i`` beat ``j``. `fit_outcomes` takes ties as such; here each can only be half
        a win for both.
    tolerance : float
        Largest change of a difference between log-strengths that counts as none.

    Raises
    ------
    ValueError
        When the wins are malformed, have no finite solution, or the fit does not settle.
    """
    table = _checked(wins)
    first, second = np.nonzero(table)
    outcomes = Outcomes(
        first=first, second=second, outcome=np.ones(first.size), times=table[first, second],
        competitors=len(table), covariates=np.zeros((first.size, 0)),
    )  # fmt: skip
    return _fit(outcomes, table, None, tolerance, max_steps)


def fit_outcomes(
    first: ArrayLike,
    second: ArrayLike,
    outcome: ArrayLike,
    *,
    competitors: int | None = None,
    covariates: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    times: ArrayLike | None = None,
    tolerance: float = 1e-10,
    max_steps: int = 200,
) -> Strengths:
    """Strengths from single comparisons, or from rows that stand for several of them.

    Parameters
    ----------
    first, second : (n,) int
        Competitors ``0..k-1``.
    outcome : (n,) int
        1 where the first is better, -1 where the second is, 0 for a tie.
    competitors : int, optional
        ``k``; one more than the highest number when not given.
    covariates : (n, c) numbers, optional
        What else speaks for the first: a column of ones where the first is always the one on the left, the difference
        of lengths, and so on. Strengths are those at zero.
    clusters : (n,) int, optional
        Which dialogue, prompt or rater each row comes from. Standard errors then hold where rows of one cluster depend
        on each other: ``I^-1 (sum_g u_g u_g') I^-1 G / (G - 1)`` with ``u_g`` the score of a cluster and ``I`` the
        information. Without them all comparisons are independent.
    times : (n,) numbers, optional
        How many comparisons a row stands for; one when not given.

    Raises
    ------
    ValueError
        When the rows are malformed, have no finite solution, or the fit does not settle.
    """
    outcomes = Outcomes.checked(first, second, outcome, competitors, covariates, times)
    labels = None if clusters is None else np.asarray(clusters)
    if labels is not None and labels.shape != outcomes.first.shape:
        raise ValueError("Each comparison belongs to one cluster.")
    return _fit(outcomes, outcomes.points(), labels, tolerance, max_steps)


def _fit(
    outcomes: Outcomes, points: FloatArray, clusters: IntArray | None, tolerance: float, max_steps: int
) -> Strengths:
    if outcomes.first.size and not outcomes.outcome.any():
        raise ValueError(ALL_TIED)
    if not connected(points):
        raise ValueError(NO_FINITE_SOLUTION)
    found, covariance = maximum(outcomes, clusters, tolerance, max_steps)
    k, c = outcomes.competitors, outcomes.covariates.shape[1]
    se = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    return Strengths(
        log_strengths=found[:k],
        se=se[:k],
        covariance=covariance[:k, :k],
        effects=found[k : k + c],
        effects_se=se[k : k + c],
        log_tie=float(found[-1]) if outcomes.has_ties else None,
        log_tie_se=float(se[-1]) if outcomes.has_ties else None,
    )


def _checked(wins: ArrayLike) -> FloatArray:
    table = np.asarray(wins, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.size == 0:
        raise ValueError(f"Wins must be a square table of competitors, not an array of shape {table.shape}.")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("Wins must be finite and not negative.")
    if np.diagonal(table).any():
        raise ValueError("Nobody can win against themselves: the diagonal of the wins must be zero.")
    return table
