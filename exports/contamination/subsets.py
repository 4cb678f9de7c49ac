"""Whether contamination changed a score: the paper's four overlapping subsets and their Z (Llama 2, section A.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEW, MANY = 0.2, 0.8  # shares of a sample's tokens
NOTABLE = 2.0


@dataclass(frozen=True)
class Subset:
    name: str
    size: int
    contamination: float | None  # mean share of contaminated tokens; None of no samples
    mean: float | None  # of the scores; None without scores or samples
    expected: float | None  # mean of the scores of samples drawn by chance
    z: float | None  # (mean - expected) in standard deviations of such a mean; None where these are 0


def subsets(shares: NDArray[np.float64], scores: Sequence[float] | None = None) -> list[Subset]:
    """`shares` (samples,) from 0 to 1; `scores` (samples,) of a model.

    The deviation of a mean is that of drawing with replacement, from which the paper's Table 51 follows.
    """
    values = None if scores is None else np.asarray(scores, dtype=np.float64)
    parts = {"clean": shares < FEW, "not clean": shares >= FEW, "not dirty": shares < MANY, "dirty": shares >= MANY}
    return [_subset(name, shares, values, part) for name, part in parts.items()]


def _subset(
    name: str, shares: NDArray[np.float64], scores: NDArray[np.float64] | None, part: NDArray[np.bool_]
) -> Subset:
    size = int(part.sum())
    contamination = float(shares[part].mean()) if size else None
    if scores is None or not size:
        return Subset(name, size, contamination, None, None, None)
    mean, expected = float(scores[part].mean()), float(scores.mean())
    deviation = float(scores.std()) / math.sqrt(size)
    z = (mean - expected) / deviation if deviation > 0 else None
    return Subset(name, size, contamination, mean, expected, z)


def is_affected(found: Sequence[Subset]) -> bool:
    """Whether all four means lie further than chance brings them, each to the side that contamination would."""
    sides = {"clean": -1, "not clean": 1, "not dirty": -1, "dirty": 1}
    return all(subset.z is not None and subset.z * sides[subset.name] > NOTABLE for subset in found)
