"""What came of the studies, as managers see it."""

from __future__ import annotations

from preferences.choices import Category, RiskCategory
from preferences.models import Variant
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
    return ["/campaigns/compared/results/", "/campaigns/empty/results/", *_rated(old, new), *_collected(old, new)]


def _rated(old: Variant, new: Variant) -> list[str]:
    factories.rating_campaign(slug="unrated")
    campaign = factories.rating_campaign(slug="rated", raters_per_item=2)
    raters = [factories.annotator(campaign) for _ in range(2)]
    for risk, scores in zip(RiskCategory.values, ([1, 2], [5, 4], [3, 1]), strict=True):
        factories.rated(campaign, {old: scores, new: [5, 5]}, by=raters, risk_category=risk)
    return ["/campaigns/rated/results/", f"/campaigns/rated/results/?variant={old.pk}", "/campaigns/unrated/results/"]


def _collected(old: Variant, new: Variant) -> list[str]:
    for slug in ("collected", "collected-too"):
        campaign = factories.campaign(slug=slug)
        for score in (2, 2, -2):
            factories.evaluated(campaign, old, new, [score])
        factories.evaluated(campaign, old, factories.variant(f"apart {slug} {UNBROKEN}"[:120]), [2])
    factories.campaign(slug="nothing")
    return ["/campaigns/collected/ranking/", "/campaigns/collected/ranking/?track", "/campaigns/nothing/ranking/"]
