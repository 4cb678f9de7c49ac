"""Visits to the plans of campaigns, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.choices import Kind, Track
from preferences.models import Campaign
from preferences.scales import Scale
from tests import factories
from webapp.accounts.models import User


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    studied = a_campaign("plan-of-study", kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT, raters_per_item=3)
    rated = a_campaign("plan-of-ratings", kind=Kind.SAFETY_RATING, track=Track.SAFETY, scale=Scale.SAFETY)
    running = a_campaign("plan-of-work", raters_per_item=2)
    for number in range(12):
        factories.judged_comparison(running, scores=[-3, -3] if number % 3 else [-3, 2])
    boss, plan = reader(factories.manager(studied)), "/campaigns/plan-of-study/plan/"
    return {
        "plan of an evaluation": get(boss, f"{plan}?wage=30&saved=1"),
        "plan of a rating": get(reader(factories.manager(rated)), "/campaigns/plan-of-ratings/plan/"),
        "plan of what runs": get(reader(factories.manager(running)), "/campaigns/plan-of-work/plan/"),
        "what cannot be asked": get(boss, f"{plan}?share=80&ties=30&raters=1.5&wage=贵"),
        "no whole number planned": post(boss, plan, planned_comparisons="很多"),
        "too many planned": post(boss, plan, planned_comparisons="9999999999"),
        "no day": post(boss, plan, planned_until="明天"),
        "a day that is over": post(boss, plan, planned_until="2020-01-01"),
        "no number": post(boss, plan, agreement_gate="高"),
        "no gate": post(boss, plan, agreement_gate="7"),
        "no rule": post(boss, plan, verdict_rule="dice"),
    }
