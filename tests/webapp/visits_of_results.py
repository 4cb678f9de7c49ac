"""Visits to what came of the studies, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import memberships
from annotation.models import Role
from preferences.choices import Category, Chosen, Kind, RiskCategory, VerdictRule
from preferences.models import Campaign
from preferences.scales import Scale
from tests import factories
from webapp.accounts.models import User

WORDS = {"prompt": "夏天 吃 什么 水果？", "text_a": "西瓜和桃子。", "text_b": "苹果。"}


def visits(
    a_campaign: Callable[..., Campaign], get: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    compared, alone, empty = (
        a_campaign(slug, kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT, raters_per_item=1, max_turns=2, **settings)
        for slug, settings in {"compared": {}, "alone": {"verdict_rule": VerdictRule.MAJORITY}, "waiting": {}}.items()
    )
    old, new, other = (factories.variant() for _ in range(3))
    for category, earlier in zip(Category.values, (0, 1, 2, 9, 0), strict=True):
        factories.evaluated(compared, old, new, [2], category=category, earlier=earlier, **WORDS)
    factories.evaluated(compared, old, other, [2], **{**WORDS, "text_b": "吃 一个 苹果。"})
    factories.evaluated(compared, old, old, [2], **WORDS)
    factories.evaluated(compared, old, new, [], **WORDS)
    neither = factories.evaluated(compared, old, new, [2], **WORDS).judgments.get()
    neither.chosen, neither.degree = Chosen.NEITHER, ""
    neither.save()
    factories.evaluated(alone, old, new, [2], **WORDS)
    factories.evaluated(empty, old, new, [], **WORDS)
    rated, unrated = (a_campaign(slug, **factories.RATING) for slug in ("harmful", "unrated"))
    for risk, earlier in zip(RiskCategory.values, (0, 1, 0), strict=True):
        factories.rated(rated, {old: [1], new: [4]}, risk_category=risk, earlier=earlier, prompt=WORDS["prompt"])
    factories.rated(unrated, {old: []}, prompt=WORDS["prompt"])
    collected, apart, none = (a_campaign(slug) for slug in ("collected", "apart", "nothing"))
    for score in (2, 2, -2):
        factories.evaluated(collected, old, new, [score], **WORDS)
    factories.evaluated(collected, old, other, [2], **WORDS)
    factories.evaluated(apart, old, new, [2], **WORDS)
    collector = factories.manager(collected)
    memberships.add(user=collector, campaign=apart, role=Role.MANAGER, by=None)
    boss = factories.manager(compared)
    memberships.add(user=boss, campaign=compared, role=Role.ANNOTATOR, by=None)
    return {
        "results of an evaluation": get(reader(boss), "/campaigns/compared/results/"),
        "results of one prompt": get(reader(factories.manager(alone)), "/campaigns/alone/results/"),
        "results of a safety evaluation": get(reader(factories.manager(rated)), "/campaigns/harmful/results/"),
        "no responses rated yet": get(reader(factories.manager(unrated)), "/campaigns/unrated/results/"),
        "models": get(reader(collector), "/campaigns/collected/ranking/"),
        "models of one match": get(reader(collector), "/campaigns/apart/ranking/"),
        "no models": get(reader(factories.manager(none)), "/campaigns/nothing/ranking/"),
        "no results yet": get(reader(factories.manager(empty)), "/campaigns/waiting/results/"),
    }
