"""How well one rater agrees with the others who rated the same units."""

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.components import check_weights
from preferences.stats.linearised import NEGLIGIBLE
from preferences.stats.tested import Tested, untested


def agreement_with_others(
    own: ArrayLike,
    others: ArrayLike,
    weights: FloatArray,
    *,
    at_least: float | None = None,
    confidence: float = 0.95,
) -> Tested:
    """Gwet's AC2 between one rater and the others, who together count as a second rater.

    With ``o_ik`` of the ``o_i`` others putting unit ``i`` in category ``k``, and the rater putting it in ``c_i``::

        AC   = (pa - pe) / (1 - pe)
        pa   = mean of pa_i = sum_k w_(c_i)k o_ik / o_i
        pi_k = mean of pi_ik = (1[c_i = k] + o_ik / o_i) / 2
        pe   = T / (q (q - 1)) * sum_k pi_k (1 - pi_k),  T = sum_kl w_kl

    Its standard error is Gwet's linearised one over the units, of which every one has both raters::

        var = sum_i ((pa_i - pe) / (1 - pe) - 2 (1 - AC) (pe_i - pe) / (1 - pe) - AC)^2 / (n (n - 1))
        pe_i = T / (q (q - 1)) * sum_k (1 - pi_k) pi_ik

    With one other rater for each unit this is the AC2 of two raters. Units without others are left out.

    Parameters
    ----------
    own : (n,) int
        The rater's category index of each unit.
    others : (n, q) int
        How many others put the unit in each category.
    at_least : float, optional
        The p value is that of the hypothesis that the coefficient is so high or higher (one-sided, Student's t).

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.), chapters 4 and 5.
    """
    rated, counts = np.asarray(own, dtype=np.int64), np.asarray(others, dtype=np.float64)
    q = len(weights)
    check_weights(weights, q)
    if counts.shape != (rated.size, q) or (counts < 0).any() or (rated < 0).any() or (rated >= q).any():
        raise ValueError("Each unit needs one category index and as many counts of others as there are categories.")
    shared = counts.any(axis=1)
    rated, counts = rated[shared], counts[shared]
    n = rated.size
    if n == 0 or q < 2:
        return untested(n, confidence)
    value, terms = _linearised(rated, counts / counts.sum(axis=1, keepdims=True), weights)
    if value is None or n == 1:
        return Tested(value=value, low=None, high=None, confidence=confidence, n=n, p=None)
    se = float(np.sqrt(((terms - value) ** 2).sum() / (n * (n - 1))))
    reach = quantiles.student_t(confidence, n - 1) * se
    p = None if at_least is None else _p_below(value, se, at_least, n - 1)
    low = max(value - reach, min(value, -1.0))
    return Tested(value=value, low=low, high=min(value + reach, 1.0), confidence=confidence, n=n, p=p)


def _linearised(rated: IntArray, shares: FloatArray, weights: FloatArray) -> tuple[float | None, FloatArray]:
    """The coefficient and the terms whose mean it is; None where every pair agrees by chance."""
    q, n = len(weights), rated.size
    factor = weights.sum() / (q * (q - 1))
    agreeing = (shares * weights[rated]).sum(axis=1)
    mixed = (np.eye(q)[rated] + shares) / 2
    pi = mixed.mean(axis=0)
    pe = factor * float(pi @ (1 - pi))
    if 1 - pe < NEGLIGIBLE:
        return None, np.zeros(n)
    value = (float(agreeing.mean()) - pe) / (1 - pe)
    return value, (agreeing - pe - 2 * (1 - value) * (factor * (mixed @ (1 - pi)) - pe)) / (1 - pe)


def _p_below(value: float, se: float, bound: float, degrees: int) -> float:
    if se < NEGLIGIBLE:
        return 1.0 if value >= bound else 0.0
    return float(scipy.special.stdtr(degrees, (value - bound) / se))
