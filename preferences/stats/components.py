"""What agreement coefficients are made of: observed pairs and category shares.

Shapes: p distinct patterns, q categories. Patterns have at least one rating, so no division is by zero.
"""

import numpy as np

from preferences.stats.arrays import FloatArray
from preferences.stats.tables import RatingPatterns


def check_weights(weights: FloatArray, q: int) -> None:
    """Raise ValueError unless these are agreement weights for ``q`` categories."""
    if weights.shape != (q, q):
        raise ValueError(f"A scale with {q} categories needs {q} x {q} weights, not an array of shape {weights.shape}.")
    if not np.array_equal(weights, weights.T) or (np.diagonal(weights) != 1).any():
        raise ValueError("Weights must be symmetric with ones on the diagonal.")
    if (weights < 0).any() or (weights > 1).any():
        raise ValueError("Weights must lie between 0 and 1.")


def unit_agreement(patterns: RatingPatterns, weights: FloatArray) -> FloatArray:
    """Share of agreeing rater pairs in one unit of each pattern, 0 where there is no pair, shape (p,).

    ``pa_i = sum_k r_ik (sum_l w_kl r_il - 1) / (r_i (r_i - 1))`` for ``r_i >= 2``.
    """
    counts, raters = patterns.counts, patterns.raters
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    pairs = raters * (raters - 1)
    return np.asarray(np.where(raters >= 2, agreeing / np.maximum(pairs, 1), 0.0), dtype=np.float64)


def percent_agreement(patterns: RatingPatterns, weights: FloatArray) -> float:
    """Mean of ``unit_agreement`` over units with at least two ratings; there must be one."""
    paired = patterns.multiplicity * (patterns.raters >= 2)
    return float(paired @ unit_agreement(patterns, weights) / paired.sum())


def category_shares(patterns: RatingPatterns) -> FloatArray:
    """``pi_k``: mean over units of the share of their raters who choose the category, shape (q,)."""
    shares = patterns.counts / patterns.raters[:, None]
    return np.asarray(patterns.multiplicity @ shares / patterns.units, dtype=np.float64)
