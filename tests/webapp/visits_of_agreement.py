"""Visits to the page of a campaign's agreement, by a manager who reads another language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from preferences.models import Campaign
from tests import factories
from tests.webapp.visiting import TEXTS
from webapp.accounts.models import User


def visits(
    a_campaign: Callable[..., Campaign], get: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    planned = {"agreement_gate": 0.6, "planned_comparisons": 30, "planned_until": date(2026, 1, 1)}
    made = a_campaign("agreeing", raters_per_item=3, **planned)
    people = [factories.annotator(made) for _ in range(4)]
    for number in range(6):
        at = timezone.now() - timedelta(days=24 - 4 * number)
        scores = [(-4, -3, 4)[number % 3], -4, (-4, 3)[number % 2]]
        pair = factories.judged_comparison(made, scores=scores, by=people[number % 2 :][:3], finished_at=at, **TEXTS)
    factories.batch(made, comparisons=0, name="2026-W40")
    rated = a_campaign("rated-in-agreement", **factories.RATING, raters_per_item=2)
    factories.rated(rated, {factories.variant("变体甲"): [1, 5], factories.variant("变体乙"): [2, 2]}, prompt="夏天？")
    manager, raters = reader(factories.manager(made)), reader(factories.manager(rated))
    nothing = a_campaign("nothing-rated")
    return {
        "agreement": get(manager, f"/campaigns/{made.slug}/agreement/"),
        "a comparison": get(manager, f"/campaigns/{made.slug}/agreement/comparisons/{pair.pk}/"),
        "agreement of ratings": get(raters, f"/campaigns/{rated.slug}/agreement/"),
        "agreement of nothing": get(reader(factories.manager(nothing)), f"/campaigns/{nothing.slug}/agreement/"),
    }
