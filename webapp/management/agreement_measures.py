"""Which coefficient of agreement, with which weights, as named on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from preferences.stats import fleiss, gwet_ac, percent_agreement, weights
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.components import check_weights
from preferences.stats.krippendorff import alpha
from preferences.stats.linearised import Ratings
from preferences.stats.weights import WeightScheme
from webapp.management.rating_scale import RatingScale

SCHEMES: tuple[WeightScheme, ...] = get_args(WeightScheme)
# Cohen's kappa is not among them: it needs to know who rated what, and patterns do not.
COEFFICIENTS: dict[str, Callable[..., Agreement]] = {
    "gwet": gwet_ac,
    "alpha": alpha,
    "fleiss": fleiss,
    "percent": percent_agreement,
}


@dataclass(frozen=True)
class Measure:
    """A coefficient of COEFFICIENTS, the name of its weights, and the confidence of its interval."""

    coefficient: str
    weights: str
    confidence: float

    def of(self, ratings: Ratings, matrix: FloatArray) -> Agreement:
        return COEFFICIENTS[self.coefficient](ratings, matrix, confidence=self.confidence)


def named(name: str) -> WeightScheme | None:
    return next((scheme for scheme in SCHEMES if scheme == name), None)


def weights_of(name: str, scale: RatingScale) -> FloatArray:
    """The matrix of a named scheme, or of a file with a line of numbers for each category, commas between.

    ValueError with a sentence where it is neither.
    """
    if scheme := named(name):
        return weights.matrix(scheme, scale.values)
    try:
        lines = [line for line in Path(name).read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        matrix = np.array([[float(cell) for cell in line.split(",")] for line in lines])
    except (OSError, ValueError):
        raise ValueError(
            f"Weights “{name}”: write one of {', '.join(SCHEMES)}, or name a file with a line of numbers for each "
            "category, commas between them."
        ) from None
    check_weights(matrix, len(scale.categories))
    return matrix
