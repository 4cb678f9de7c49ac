"""What agreement coefficients are made of: observed pairs and category shares.

Shapes: p patterns, q categories. ``frequency`` holds each pattern's share of the units and sums to 1. Every pattern has
at least one rating, so no division is by zero.
"""

import numpy as np

from preferences.stats.arrays import FloatArray, IntArray


def check_weights(weights: FloatArray, q: int) -> None:
    """Raise ValueError unless these are agreement weights for ``q`` categories."""
    if weights.shape != (q, q):
        raise ValueError(f"A scale with {q} categories needs {q} x {q} weights, not an array of shape {weights.shape}.")
    if not np.array_equal(weights, weights.T) or (np.diagonal(weights) != 1).any():
        raise ValueError("Weights must be symmetric with ones on the diagonal.")
    if not ((weights >= 0) & (weights <= 1)).all():
        raise ValueError("Weights must lie between 0 and 1.")


def unit_agreement(counts: IntArray, weights: FloatArray) -> FloatArray:
    """Share of agreeing rater pairs in one unit of each pattern, 0 where there is no pair, shape (p,).

    ``pa_i = sum_k r_ik (sum_l w_kl r_il - 1) / (r_i (r_i - 1))`` for ``r_i >= 2``.
    """
    raters = counts.sum(axis=1)
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    pairs = raters * (raters - 1)
    return np.asarray(np.where(raters >= 2, agreeing / np.maximum(pairs, 1), 0.0), dtype=np.float64)


def paired_frequency(counts: IntArray, frequency: FloatArray) -> FloatArray:
    """Each pattern's share of the units with at least two ratings, of which there must be one, shape (p,)."""
    paired = frequency * (counts.sum(axis=1) >= 2)
    return np.asarray(paired / paired.sum(), dtype=np.float64)


def category_shares(counts: IntArray, frequency: FloatArray) -> FloatArray:
    """``pi_k``: mean over units of the share of their raters who choose the category, shape (q,)."""
    return np.asarray(frequency @ (counts / counts.sum(axis=1)[:, None]), dtype=np.float64)
