"""Bradley-Terry strengths of competitors from pairwise wins.

``P(i beats j) = 1 / (1 + exp(-(s_i - s_j)))`` with log-strengths ``s`` that sum to zero.

References
----------
Bradley, R. A. and Terry, M. E. (1952). Rank analysis of incomplete block designs: I. The method of
paired comparisons. Biometrika, 39, 324-345.
Ford, L. R. (1957). Solution of a ranking problem from binary comparisons. American Mathematical
Monthly, 64(8), 28-33.
Bach, F. (2010). Self-concordant analysis for logistic regression. Electronic Journal of Statistics, 4, 384-414.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.sparse import csgraph

from preferences.stats.arrays import FloatArray

NO_FINITE_SOLUTION = (
    "These wins have no finite Bradley-Terry solution: the competitors fall into two groups "
    "of which one never beat the other."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Strengths:
    """Maximum-likelihood log-strengths with mean zero.

    Attributes
    ----------
    log_strengths : (k,) float array
        Natural-log strengths; a difference of 1 is odds of e to 1.
    se : (k,) float array
        Standard errors of the strengths, each against the mean of all.
    covariance : (k, k) float array
        Pseudo-inverse of the information. ``c_ii + c_jj - 2 c_ij`` is the variance of ``s_i - s_j``.
    """

    log_strengths: FloatArray
    se: FloatArray
    covariance: FloatArray


def connected(wins: ArrayLike) -> bool:
    """Whether every competitor beat every other, directly or through a chain (Ford 1957)."""
    components, _ = csgraph.connected_components(_checked(wins) > 0, directed=True, connection="strong")
    return bool(components == 1)


def fit(wins: ArrayLike, *, tolerance: float = 1e-10, max_steps: int = 200) -> Strengths:
    """Strengths that make the wins most likely, by Newton's method with bounded steps.

    Parameters
    ----------
    wins : (k, k) numbers
        ``wins[i, j]`` counts how often ``i`` beat ``j``. Count a tie as half a win for each.
    tolerance : float
        Largest change of a difference between log-strengths that counts as none.

    Raises
    ------
    ValueError
        When the wins are malformed, have no finite solution, or the fit does not settle.
    """
    table = _checked(wins)
    if not connected(table):
        raise ValueError(NO_FINITE_SOLUTION)
    strengths = np.zeros(len(table))
    for _ in range(max_steps):
        step = _pseudo_inverse(_information(table, strengths)) @ _score(table, strengths)
        reach = np.ptp(step)
        # Full Newton steps can run away; steps that move no pair by more than 1 always gain likelihood (Bach 2010).
        strengths += step / max(1.0, reach)
        if reach < tolerance:
            return _solution(table, strengths - strengths.mean())
    raise ValueError(f"The Bradley-Terry fit did not settle within {max_steps} steps.")


def _checked(wins: ArrayLike) -> FloatArray:
    table = np.asarray(wins, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.size == 0:
        raise ValueError(f"Wins must be a square table of competitors, not an array of shape {table.shape}.")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("Wins must be finite and not negative.")
    if np.diagonal(table).any():
        raise ValueError("Nobody can win against themselves: the diagonal of the wins must be zero.")
    return table


def _differences(strengths: FloatArray) -> FloatArray:
    return np.asarray(strengths[:, None] - strengths[None, :], dtype=np.float64)


def _score(wins: FloatArray, strengths: FloatArray) -> FloatArray:
    """Gradient ``sum_j w_ij - (w_ij + w_ji) p_ij``, shape (k,)."""
    surplus = wins * special.expit(-_differences(strengths))  # (k, k): w_ij p_ji
    return np.asarray(surplus.sum(axis=1) - surplus.sum(axis=0), dtype=np.float64)


def _information(wins: FloatArray, strengths: FloatArray) -> FloatArray:
    """Negative Hessian: ``-(w_ij + w_ji) p_ij p_ji`` off the diagonal, rows that sum to zero, shape (k, k)."""
    chances = special.expit(_differences(strengths))
    links = (wins + wins.T) * chances * chances.T
    return np.asarray(np.diag(links.sum(axis=1)) - links, dtype=np.float64)


def _pseudo_inverse(information: FloatArray) -> FloatArray:
    """Pseudo-inverse of a matrix whose one null vector is all ones, shape (k, k).

    A full-rank shift along that vector needs no rank threshold, unlike a singular value decomposition.
    """
    k = len(information)
    scale = np.trace(information) / k or 1.0
    along_ones = np.full((k, k), 1 / k)
    return np.asarray(np.linalg.inv(information + scale * along_ones) - along_ones / scale, dtype=np.float64)


def _solution(wins: FloatArray, strengths: FloatArray) -> Strengths:
    covariance = _pseudo_inverse(_information(wins, strengths))
    return Strengths(log_strengths=strengths, se=np.sqrt(np.diagonal(covariance)), covariance=covariance)
