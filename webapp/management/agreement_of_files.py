"""Agreement in anybody's CSV file of ratings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

from webapp.management import agreement_lines, rating_counts
from webapp.management.agreement_measures import Measure, weights_of
from webapp.management.rating_rows import Columns, ratings
from webapp.management.rating_scale import RatingScale

STANDARD_INPUT = "-"


def agreement_of_file(name: str, columns: Columns, scale: RatingScale, measure: Measure) -> dict[str, Any]:
    """The line of a file, or of standard input.

    Raises ValueError where the weights are none, RatingFileError and OSError where the file cannot be read.
    """
    matrix = weights_of(measure.weights, scale)
    if name == STANDARD_INPUT:
        counted = _counted(sys.stdin.buffer, columns, scale)
    else:
        with Path(name).open("rb") as file:
            counted = _counted(file, columns, scale)
    return agreement_lines.line(
        measure.of(counted.patterns, matrix),
        raters=counted.raters,
        weights=measure.weights,
        categories=scale.categories,
        missing=counted.missing,
    )


def _counted(file: BinaryIO, columns: Columns, scale: RatingScale) -> rating_counts.Counted:
    return rating_counts.count(ratings(file, columns, scale.places()), len(scale.categories))
