"""Agreement in anybody's CSV file of ratings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO, get_args

import numpy as np

from preferences.stats import gwet, weights
from preferences.stats.arrays import FloatArray
from preferences.stats.components import check_weights
from preferences.stats.weights import WeightScheme
from webapp.management import agreement_lines, rating_counts
from webapp.management.rating_rows import Columns, ratings
from webapp.management.rating_scale import RatingScale

STANDARD_INPUT = "-"
SCHEMES = get_args(WeightScheme)


def agreement_of_file(
    name: str, columns: Columns, scale: RatingScale, *, scheme: str, confidence: float
) -> dict[str, Any]:
    """The line of a file, or of standard input.

    Raises ValueError where the weights are none, RatingFileError and OSError where the file cannot be read.
    """
    matrix = weights_of(scheme, scale)
    if name == STANDARD_INPUT:
        counted = _counted(sys.stdin.buffer, columns, scale)
    else:
        with Path(name).open("rb") as file:
            counted = _counted(file, columns, scale)
    return agreement_lines.line(
        gwet.gwet_ac(counted.patterns, matrix, confidence=confidence),
        raters=counted.raters,
        weights=scheme,
        categories=scale.categories,
        missing=counted.missing,
    )


def weights_of(scheme: str, scale: RatingScale) -> FloatArray:
    """The matrix of a named scheme, or of a file with a line of numbers for each category, commas between."""
    for name in SCHEMES:
        if scheme == name:
            return weights.matrix(name, scale.values)
    try:
        lines = [line for line in Path(scheme).read_text(encoding="utf-8").splitlines() if line.strip()]
        matrix = np.array([[float(cell) for cell in line.split(",")] for line in lines])
    except (OSError, ValueError):
        raise ValueError(
            f"Weights “{scheme}”: write one of {', '.join(SCHEMES)}, or name a file with a line of numbers for each "
            "category, commas between them."
        ) from None
    check_weights(matrix, len(scale.categories))
    return matrix


def _counted(file: BinaryIO, columns: Columns, scale: RatingScale) -> rating_counts.Counted:
    return rating_counts.count(ratings(file, columns, scale.places()), len(scale.categories))
