"""The actions that arrange the queue, each ready to be called, for the test that every action tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from preferences.actions import campaigns, comparisons, pools
from preferences.choices import Purpose
from preferences.models import Pool
from tests import factories

Act = Callable[[], Any]


def arrange_queue() -> Act:
    campaign, manager = factories.campaign(), factories.user()
    caps = {"most_per_person": 40, "most_per_day": None}
    shares = {"gold_share": 0.1, "gold_bar": 0.7, "repeat_share": 0.05}
    return lambda: campaigns.arrange_queue(campaign=campaign, priority=3, by=manager, **caps, **shares)


def plan() -> Act:
    campaign, manager = factories.campaign(), factories.user()
    goal = {"comparisons": 4_000, "until": date(2999, 12, 31), "agreement_gate": 0.4, "verdict_rule": "majority"}
    return lambda: campaigns.plan(campaign=campaign, by=manager, **goal)


def keep_ready() -> Act:
    campaign, manager = factories.campaign(), factories.user()
    return lambda: campaigns.keep_ready(campaign=campaign, comparisons=7, by=manager)


def copy() -> Act:
    original = factories.comparison()
    return lambda: comparisons.copy(original=original, purpose=Purpose.GOLD)


def pool() -> Pool:
    return pools.create(campaign=factories.comparison().campaign, name="Native speakers", by=None)


def create() -> Act:
    campaign = factories.campaign()
    return lambda: pools.create(campaign=campaign, name="Native speakers", by=None)


def keep() -> Act:
    made = pool()
    return lambda: pools.keep(pool=made, count=1, by=None)


def give_back() -> Act:
    made = pool()
    pools.keep(pool=made, count=1, by=None)
    return lambda: pools.give_back(pool=made, by=None)
