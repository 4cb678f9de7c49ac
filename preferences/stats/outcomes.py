"""Rows of comparisons and the likelihood of Davidson's model over them (`bradley_terry`).

Parameters are the k strengths, then the c effects of covariates, then ``log nu`` where there are ties.

References
----------
Bach, F. (2010). Self-concordant analysis for logistic regression. Electronic Journal of Statistics, 4, 384-414.
White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50, 1-25.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.tables import whole

ONE_CLUSTER = "All comparisons come from one cluster, so the precision of the strengths is unknown."
ALL_TIED = "Every comparison is a tie, so nothing tells the competitors apart."
INSEPARABLE = "The effects of these covariates cannot be told apart from each other or from the strengths."
SEPARATED = "A covariate decides comparisons without exception, so its effect and the strengths have no finite value."

# Odds of exp(100) to one are out of reach of any data that has a finite solution.
ENDLESS = 100.0
# Below this a direction of the scaled information is rounding noise.
NEGLIGIBLE = 1e-10


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """n rows of comparisons.

    Attributes
    ----------
    first, second : (n,) int arrays
    outcome : (n,) array
        1, 0 or -1: for the first, a tie, for the second.
    times : (n,) float array
        Comparisons that a row stands for.
    covariates : (n, c) float array
    """

    first: IntArray
    second: IntArray
    outcome: Any
    times: FloatArray
    competitors: int
    covariates: FloatArray

    @classmethod
    def checked(
        cls,
        first: ArrayLike,
        second: ArrayLike,
        outcome: ArrayLike,
        competitors: int | None,
        covariates: ArrayLike | None,
        times: ArrayLike | None,
    ) -> Self:
        """Rows as they come from a caller; ValueError where they are no comparisons."""
        one, other, result = whole(first, "Competitors"), whole(second, "Competitors"), whole(outcome, "Outcomes")
        n, k = one.size, int(max(one.max(initial=-1), other.max(initial=-1))) + 1
        number = np.ones(n) if times is None else np.asarray(times, dtype=np.float64)
        beside = np.zeros((n, 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
        beside = beside[:, None] if beside.ndim == 1 else beside
        if not one.shape == other.shape == result.shape == number.shape == beside.shape[:1] or one.ndim != 1:
            raise ValueError("Each comparison needs two competitors, one outcome and one value of each covariate.")
        if min(one.min(initial=0), other.min(initial=0)) < 0 or (one == other).any() or k > (competitors or k):
            raise ValueError("A comparison is of two different competitors, numbered from 0.")
        if (np.abs(result) > 1).any():
            raise ValueError("An outcome is 1 for the first, 0 for a tie or -1 for the second.")
        if not np.isfinite(beside).all() or not (np.isfinite(number).all() and (number > 0).all()):
            raise ValueError("Covariates must be finite numbers and every row must stand for some comparison.")
        if n == 0:
            raise ValueError("There is nothing to compare: no comparison has an outcome yet.")
        return cls(
            first=one, second=other, outcome=result, times=number, competitors=competitors or k, covariates=beside
        )

    @property
    def has_ties(self) -> bool:
        return bool((self.outcome == 0).any())

    def points(self) -> FloatArray:
        """Wins of each competitor over each other, a tie as half of one for both, (k, k)."""
        table = np.zeros((self.competitors, self.competitors))
        np.add.at(table, (self.first, self.second), self.times * (1 + self.outcome) / 2)
        np.add.at(table, (self.second, self.first), self.times * (1 - self.outcome) / 2)
        return table

    @cached_property
    def design(self) -> Any:
        """``eta`` is this sparse (n, k + c) matrix times strengths and effects."""
        n = self.first.size
        rows = np.tile(np.arange(n), 2)
        signs = np.repeat([1.0, -1.0], n)
        sides = sparse.csr_matrix(
            (signs, (rows, np.concatenate([self.first, self.second]))), shape=(n, self.competitors)
        )
        return sparse.hstack([sides, sparse.csr_matrix(self.covariates)]).tocsr()


def maximum(
    outcomes: Outcomes, clusters: IntArray | None, tolerance: float, max_steps: int
) -> tuple[FloatArray, FloatArray]:
    """The most likely parameters, with strengths of mean zero, and their covariance, by Newton's method."""
    design, k, ties = outcomes.design, outcomes.competitors, outcomes.has_ties
    sway = design.shape[1]
    found = np.zeros(sway + ties)
    if sway > k:
        _check_separable(_information(outcomes, found), k)
    for _ in range(max_steps):
        step = _inverse(_information(outcomes, found), k) @ _gradient(outcomes, found)
        # Full Newton steps can run away; steps that move no utility by more than 1 always gain likelihood (Bach 2010).
        reach = float(np.abs(design @ step[:sway]).max(initial=0.0))
        if ties:
            reach = max(reach, reach / 2 + abs(float(step[-1])))
        found = found + step / max(1.0, reach)
        if reach < tolerance:
            found[:k] -= found[:k].mean()
            return found, _covariance(outcomes, found, clusters)
        if np.abs(design @ found[:sway]).max(initial=0.0) > ENDLESS:
            raise ValueError(SEPARATED)
    raise ValueError(f"The Bradley-Terry fit did not settle within {max_steps} steps.")


def _chances(outcomes: Outcomes, found: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probabilities of the first, of a tie and of the second in each row, (n,) each."""
    design = outcomes.design
    half = design @ found[: design.shape[1]] / 2
    tie = np.full_like(half, found[-1] if outcomes.has_ties else -np.inf)
    first, tied, second = special.softmax(np.stack([half, tie, -half]), axis=0)
    return first, tied, second


def _residuals(outcomes: Outcomes, found: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives of each row's log-likelihood by ``eta`` and by ``log nu``, (n,) each."""
    first, tied, second = _chances(outcomes, found)
    won, lost = outcomes.outcome > 0, outcomes.outcome < 0
    sides = np.where(won, second + tied / 2, np.where(lost, -first - tied / 2, (second - first) / 2))
    return outcomes.times * sides, outcomes.times * ((outcomes.outcome == 0) - tied)


def _gradient(outcomes: Outcomes, found: FloatArray) -> FloatArray:
    sides, ties = _residuals(outcomes, found)
    by_eta = outcomes.design.T @ sides
    return np.append(by_eta, ties.sum()) if outcomes.has_ties else np.asarray(by_eta, dtype=np.float64)


def _information(outcomes: Outcomes, found: FloatArray) -> FloatArray:
    """Negative Hessian of the log-likelihood, (P, P)."""
    first, tied, second = _chances(outcomes, found)
    design, times = outcomes.design, outcomes.times
    curvature = times * (first * second + tied * (first + second) / 4)
    by_eta = (design.T @ design.multiply(curvature[:, None])).toarray()
    if not outcomes.has_ties:
        return np.asarray(by_eta, dtype=np.float64)
    mixed = (design.T @ (times * tied * (second - first) / 2))[:, None]
    return np.block([[by_eta, mixed], [mixed.T, np.array([[times @ (tied * (1 - tied))]])]])


def _inverse(information: FloatArray, k: int) -> FloatArray:
    """Pseudo-inverse of a matrix whose one null vector is all ones on the k strengths.

    A full-rank shift along that vector needs no rank threshold, unlike a singular value decomposition.
    """
    shift, along = _along_ones(information, k)
    try:
        return np.asarray(np.linalg.inv(information + shift * along) - along / shift, dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(SEPARATED) from None


def _along_ones(information: FloatArray, k: int) -> tuple[float, FloatArray]:
    along = np.zeros_like(information)
    along[:k, :k] = 1 / k
    return float(np.trace(information[:k, :k])) / k or 1.0, along


def _check_separable(information: FloatArray, k: int) -> None:
    shift, along = _along_ones(information, k)
    full = information + shift * along
    size = np.sqrt(np.diagonal(full))
    if (size == 0).any() or np.linalg.eigvalsh(full / np.outer(size, size))[0] < NEGLIGIBLE:
        raise ValueError(INSEPARABLE)


def _covariance(outcomes: Outcomes, found: FloatArray, clusters: IntArray | None) -> FloatArray:
    """Inverse information, or the sandwich of White with clusters, (P, P)."""
    inverse = _inverse(_information(outcomes, found), outcomes.competitors)
    if clusters is None:
        return inverse
    _, label = np.unique(clusters, return_inverse=True)
    count = int(label.max()) + 1
    if count == 1:
        raise ValueError(ONE_CLUSTER)
    sides, ties = _residuals(outcomes, found)
    members = sparse.csr_matrix((np.ones(label.size), (label, np.arange(label.size))), shape=(count, label.size))
    scores = members @ outcomes.design.multiply(sides[:, None]).tocsr()
    if outcomes.has_ties:
        scores = sparse.hstack([scores, sparse.csr_matrix((members @ ties)[:, None])])
    middle = (scores.T @ scores).toarray() * count / (count - 1)
    return np.asarray(inverse @ middle @ inverse, dtype=np.float64)
