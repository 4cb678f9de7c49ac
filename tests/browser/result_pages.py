"""What came of the studies, as managers see it."""

from __future__ import annotations

from preferences.choices import Category
from tests import factories

UNBROKEN = "x" * 120


def results() -> list[str]:
    factories.evaluation(slug="empty")
    compared = factories.evaluation(slug="compared")
    old, new, other = (factories.variant(f"{name}{UNBROKEN}"[:120]) for name in ("old", "new", "other"))
    raters = [factories.annotator(compared) for _ in range(3)]
    judged = ([2, 2, 2], [0, 0, 2], [-2, -3, -4], [4, 0, 0], [2, 3, 3])
    for category, scores in zip(Category.values, judged, strict=True):
        factories.evaluated(compared, old, new, scores, by=raters, category=category)
    factories.evaluated(compared, old, other, [2, 2, 2], by=raters, earlier=1)
    return ["/campaigns/compared/results/", "/campaigns/empty/results/"]
