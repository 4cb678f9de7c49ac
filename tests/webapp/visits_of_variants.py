"""Visits to variants, sampling plans and rounds, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.actions import sampling_plans, variants
from preferences.choices import Position
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User
from workers import health, rounds


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("looped")
    boss = reader(factories.manager(campaign))
    old, new = (factories.variant(name, location=f"/{name}") for name in ("旧模型", "新模型"))
    factories.checked(old, "The disk is full.")
    factories.checked(old, warnings=("It stammers.",), sample="灯灭了。")
    factories.checked(new, "The disk is full.")
    asked, taken, unchecked = (factories.variant(f"模型{number}") for number in range(3))
    health.request(variant=asked, by=None)
    health.take(check=health.request(variant=taken, by=None))
    foreign, gone = factories.variant("外来", engine=variants.IMPORTED), factories.variant("已去")
    factories.sampling_plan(factories.campaign(), first=old, second=gone)
    factories.sampling_plan(campaign, first=old, second=gone, tuned=True)
    sampling_plans.pause(pair=factories.sampling_plan(campaign, first=old, second=new), by=None)
    variants.retire(variant=gone, by=None)
    tried = a_campaign("rounds")
    trier = reader(factories.manager(tried))
    for first, second in ((new, old), (old, new)):
        rounds.open_round(campaign=tried, new=first, against={second: 1.0}, by=None, anyway=True)
        factories.judge(factories.evaluated(tried, old, new, []), score=3, shown_left=Position.A)
    states = {"usable": old, "broken": new, "asked": asked, "taken": taken, "new": unchecked, "foreign": foreign}
    plan = f"/campaigns/{campaign.slug}/sampling/"
    line = {"first_temperature": "1", "second_temperature": "1", "top_p": "1", "weight": "1"}
    pair = line | {"first": str(unchecked.pk), "second": str(old.pk)}
    pages = {
        "variants": get(boss, "/variants/"),
        "a new variant": get(boss, "/variants/new/"),
        "a variant refused": post(boss, "/variants/new/", name="模型", location="", engine="tiny"),
        "a taken name": post(boss, "/variants/new/", name="旧模型", location="/1", engine="tiny", max_tokens="9"),
        **{f"a variant, {word}": get(boss, f"/variants/{one.pk}/") for word, one in states.items()},
        "a retired variant": get(boss, f"/variants/{gone.pk}/"),
        "limits refused": post(boss, f"/variants/{old.pk}/limits/", max_tokens="0", batch_size="1"),
        "a sampling plan": get(boss, plan),
        "an unchecked line": post(boss, f"{plan}add/", **pair),
        "a line refused": post(boss, f"{plan}add/", **(pair | {"top_p": ""})),
        "nothing before": post(boss, f"{plan}new/", new=str(old.pk)),
        "a spread refused": post(boss, f"{plan}spread/", temperature_spread="9"),
        "no rounds": get(boss, f"/campaigns/{campaign.slug}/rounds/"),
        "rounds": get(trier, f"/campaigns/{tried.slug}/rounds/"),
        "a round refused": post(trier, f"/campaigns/{tried.slug}/rounds/", new=str(old.pk)),
    }
    for kind in ("evaluation", "safety_rating", "red_team"):
        track = "helpfulness" if kind == "evaluation" else "safety"
        scale = {"evaluation": "seven_point", "safety_rating": "safety"}.get(kind, "eight_point")
        made = factories.campaign(name="水果", kind=kind, track=track, scale=scale)
        pages[f"the plan of {kind}"] = get(reader(factories.manager(made)), f"/campaigns/{made.slug}/sampling/")
    return pages
