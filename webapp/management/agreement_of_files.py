"""Agreement in anybody's CSV file of ratings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

from preferences.stats import gwet
from webapp.management import agreement_lines, rating_counts
from webapp.management.agreement_weights import weights_of
from webapp.management.rating_rows import Columns, ratings
from webapp.management.rating_scale import RatingScale

STANDARD_INPUT = "-"


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


def _counted(file: BinaryIO, columns: Columns, scale: RatingScale) -> rating_counts.Counted:
    return rating_counts.count(ratings(file, columns, scale.places()), len(scale.categories))
