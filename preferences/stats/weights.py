"""Agreement weights: how much credit two different categories earn together.

Every matrix is symmetric, has ones on the diagonal and values in [0, 1].

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.), chapters 3 and 4.
"""

from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats.arrays import FloatArray

WeightScheme = Literal["identity", "linear", "quadratic", "ordinal"]


def identity(q: int) -> FloatArray:
    """Credit for the same category only: ``w_kl = 1 if k == l else 0``, shape (q, q)."""
    return np.eye(q)


def linear(values: ArrayLike) -> FloatArray:
    """Credit that falls with the distance: ``w_kl = 1 - |x_k - x_l| / (max x - min x)``.

    Parameters
    ----------
    values : (q,) numbers
        The category values ``x``, on any interval scale.
    """
    return 1 - _distances(values)


def quadratic(values: ArrayLike) -> FloatArray:
    """Credit that falls with the squared distance: ``w_kl = 1 - ((x_k - x_l) / (max x - min x))^2``.

    Parameters
    ----------
    values : (q,) numbers
        The category values ``x``, on any interval scale.
    """
    return 1 - _distances(values) ** 2


def ordinal(q: int) -> FloatArray:
    """Credit from ranks alone: ``w_kl = 1 - C(|k - l| + 1, 2) / C(q, 2)``, shape (q, q).

    ``C(|k - l| + 1, 2)`` counts the pairs of categories between ``k`` and ``l``, both included.
    """
    if q < 2:
        return np.eye(q)
    ranks = np.arange(q)
    gap = np.abs(ranks[:, None] - ranks[None, :])
    return np.asarray(1 - gap * (gap + 1) / (q * (q - 1)), dtype=np.float64)


def matrix(scheme: WeightScheme, values: ArrayLike) -> FloatArray:
    """Weight matrix of a named scheme for categories with these values, shape (q, q)."""
    match scheme:
        case "identity":
            return identity(_checked(values).size)
        case "linear":
            return linear(values)
        case "quadratic":
            return quadratic(values)
        case "ordinal":
            return ordinal(_checked(values).size)
        case _ if scheme not in get_args(WeightScheme):
            raise ValueError(f"Unknown weight scheme {scheme!r}: choose one of {', '.join(get_args(WeightScheme))}.")
    assert_never(scheme)


def _distances(values: ArrayLike) -> FloatArray:
    """Distances between category values as a share of the widest one, shape (q, q)."""
    x = _checked(values)
    distances = np.abs(x[:, None] - x[None, :])
    return distances / distances.max() if x.size > 1 else distances


def _checked(values: ArrayLike) -> FloatArray:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"Category values must be a flat list, not an array of shape {x.shape}.")
    if not np.isfinite(x).all():
        raise ValueError("Category values must be finite numbers.")
    if np.unique(x).size != x.size:
        raise ValueError("Category values must differ from each other.")
    return x
