"""Rows of comparisons and the likelihood of Davidson's model over them (`bradley_terry`).

Parameters are the k strengths, then the c effects of covariates, then ``log nu`` where there are ties.

References
----------
Bach, F. (2010). Self-concordant analysis for logistic regression. Electronic Journal of Statistics, 4, 384-414.
White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50, 1-25.
"""

from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.tables import whole

ONE_CLUSTER = "All comparisons come from one cluster, so the precision of the strengths is unknown."
ALL_TIED = "Every comparison is a tie, so nothing tells the competitors apart."
INSEPARABLE = "The effects of these covariates cannot be told apart from each other or from the strengths."
SEPARATED = "A covariate decides comparisons without exception, so its effect and the strengths have no finite value."

Chances: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]

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
        return points(self.first, self.second, self.outcome, self.competitors, self.times)

    def sway(self, found: FloatArray) -> FloatArray:
        """``eta`` of each row under these parameters, (n,)."""
        k, c = self.competitors, self.covariates.shape[1]
        gaps = found[:k][self.first] - found[:k][self.second]
        return np.asarray(gaps + self.covariates @ found[k : k + c], dtype=np.float64)

    def sums(self, numbers: FloatArray) -> FloatArray:
        """Sum over the rows of a number times the derivatives of ``eta`` by strengths and effects, (k + c,)."""
        k = self.competitors
        sides = np.bincount(self.first, numbers, minlength=k) - np.bincount(self.second, numbers, minlength=k)
        return np.concatenate([sides, self.covariates.T @ numbers])

    def products(self, numbers: FloatArray) -> FloatArray:
        """Sum over the rows of a number times the products of these derivatives with each other, (k + c, k + c)."""
        k, x = self.competitors, self.covariates
        pairs = np.bincount(self.first * k + self.second, numbers, minlength=k * k).reshape(k, k)
        links = pairs + pairs.T
        mixed = np.array([self.sums(numbers * column)[:k] for column in x.T]).reshape(-1, k)
        strengths = np.diag(links.sum(axis=1)) - links
        return np.block([[strengths, mixed.T], [mixed, x.T @ (numbers[:, None] * x)]])


def points(
    first: IntArray, second: IntArray, outcome: IntArray, competitors: int, times: FloatArray | float = 1.0
) -> FloatArray:
    """Wins of each competitor over each other, a tie as half of one for both, (k, k); `outcome` as in `Outcomes`."""
    table = np.zeros((competitors, competitors))
    np.add.at(table, (first, second), times * (1 + outcome) / 2)
    np.add.at(table, (second, first), times * (1 - outcome) / 2)
    return table


def maximum(
    outcomes: Outcomes, clusters: IntArray | None, tolerance: float, max_steps: int
) -> tuple[FloatArray, FloatArray]:
    """The most likely parameters, with strengths of mean zero, and their covariance, by Newton's method."""
    k, c, ties = outcomes.competitors, outcomes.covariates.shape[1], outcomes.has_ties
    found = np.zeros(k + c + ties)
    for number in range(max_steps):
        chances = _chances(outcomes, found)
        information = _information(outcomes, chances)
        if number == 0 and c:
            _check_separable(information, k)
        step = _inverse(information, k) @ _gradient(outcomes, chances)
        # Full Newton steps can run away; steps that move no utility by more than 1 always gain likelihood (Bach 2010).
        reach = float(np.abs(outcomes.sway(step)).max(initial=0.0))
        if ties:
            reach = max(reach, reach / 2 + abs(float(step[-1])))
        found = found + step / max(1.0, reach)
        if reach < tolerance:
            found[:k] -= found[:k].mean()
            return found, _covariance(outcomes, _chances(outcomes, found), clusters)
        if np.abs(outcomes.sway(found)).max(initial=0.0) > ENDLESS:
            raise ValueError(SEPARATED)
    raise ValueError(f"The Bradley-Terry fit did not settle within {max_steps} steps.")


def _chances(outcomes: Outcomes, found: FloatArray) -> Chances:
    """Probabilities of the first, of a tie and of the second in each row, (n,) each."""
    eta = outcomes.sway(found)
    if not outcomes.has_ties:
        return scipy.special.expit(eta), np.zeros_like(eta), scipy.special.expit(-eta)
    first, tied, second = scipy.special.softmax(np.stack([eta / 2, np.full_like(eta, found[-1]), -eta / 2]), axis=0)
    return first, tied, second


def _residuals(outcomes: Outcomes, chances: Chances) -> tuple[FloatArray, FloatArray]:
    """Derivatives of each row's log-likelihood by ``eta`` and by ``log nu``, (n,) each."""
    first, tied, second = chances
    won, lost = outcomes.outcome > 0, outcomes.outcome < 0
    sides = np.where(won, second + tied / 2, np.where(lost, -first - tied / 2, (second - first) / 2))
    return outcomes.times * sides, outcomes.times * ((outcomes.outcome == 0) - tied)


def _gradient(outcomes: Outcomes, chances: Chances) -> FloatArray:
    sides, ties = _residuals(outcomes, chances)
    by_eta = outcomes.sums(sides)
    return np.append(by_eta, ties.sum()) if outcomes.has_ties else by_eta


def _information(outcomes: Outcomes, chances: Chances) -> FloatArray:
    """Negative Hessian of the log-likelihood, (P, P)."""
    first, tied, second = chances
    times = outcomes.times
    by_eta = outcomes.products(times * (first * second + tied * (first + second) / 4))
    if not outcomes.has_ties:
        return by_eta
    mixed = outcomes.sums(times * tied * (second - first) / 2)[:, None]
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


def _covariance(outcomes: Outcomes, chances: Chances, clusters: IntArray | None) -> FloatArray:
    """Inverse information, or the sandwich of White with clusters, (P, P)."""
    inverse = _inverse(_information(outcomes, chances), outcomes.competitors)
    if clusters is None:
        return inverse
    _, label = np.unique(clusters, return_inverse=True)
    count = int(label.max()) + 1
    if count == 1:
        raise ValueError(ONE_CLUSTER)
    scores = _scores(outcomes, chances, label, count)
    middle = (scores.T @ scores).toarray() * count / (count - 1)
    return np.asarray(inverse @ middle @ inverse, dtype=np.float64)


def _scores(outcomes: Outcomes, chances: Chances, label: IntArray, count: int) -> Any:
    """Derivatives of each cluster's log-likelihood, a sparse (G, P) matrix."""
    sides, ties = _residuals(outcomes, chances)
    rows, columns = np.tile(label, 2), np.concatenate([outcomes.first, outcomes.second])
    strengths = scipy.sparse.csr_matrix(
        (np.concatenate([sides, -sides]), (rows, columns)), shape=(count, outcomes.competitors)
    )
    others = [np.bincount(label, sides * column, minlength=count) for column in outcomes.covariates.T]
    if outcomes.has_ties:
        others.append(np.bincount(label, ties, minlength=count))
    return scipy.sparse.hstack([strengths, *(scipy.sparse.csr_matrix(other[:, None]) for other in others)]).tocsr()
