"""Files of ratings for the tests."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from tests.preferences.stats.reference import FOUR_RATERS
from webapp.management import rating_counts
from webapp.management.rating_counts import Counted
from webapp.management.rating_rows import Columns, ratings
from webapp.management.rating_scale import RatingScale

COLUMNS = Columns("unit", "rater", "rating")


def table_of_four_raters() -> str:
    """Gwet's published table of 12 units and 4 raters, one rating a row, the missing ones as empty fields."""
    rows = [
        f"{unit},{rater},{'' if place < 0 else place + 1}"
        for unit, row in enumerate(FOUR_RATERS, start=1)
        for rater, place in zip("ABCD", row, strict=True)
    ]
    return written(rows)


def written(rows: Iterable[Any], end: str = "\n") -> str:
    return end.join(["unit,rater,rating", *map(str, rows)]) + end


def counted(text: str | bytes, categories: str = "1,2,3,4,5") -> Counted:
    raw = text if isinstance(text, bytes) else text.encode()
    scale = RatingScale.parse(categories)
    return rating_counts.count(ratings(io.BytesIO(raw), COLUMNS, scale.places()), len(scale.categories))
