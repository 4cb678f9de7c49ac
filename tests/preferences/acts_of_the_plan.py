"""Acts on campaigns, on variants and on the plan by which they are sampled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preferences.actions import campaigns, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from tests import factories

Act = Callable[[], Any]

TERMS = Terms(first_temperature=0.5, second_temperature=1.0)


def register() -> Act:
    return lambda: variants.register(name="new", engine="tiny", by=None)


def change_limits() -> Act:
    variant = factories.variant()
    limits: dict[str, Any] = {"context_tokens": 4096, "max_prompt_tokens": 1000, "max_tokens": 1000, "batch_size": 8}
    return lambda: variants.change_limits(variant=variant, queue="big", by=None, **limits)


def adopt() -> Act:
    variant = factories.variant()
    found: dict[str, Any] = {"weights_hash": "a" * 64, "revision": "late", "context_tokens": 4096}
    return lambda: variants.adopt(variant=variant, by=None, **found)


def retire() -> Act:
    variant = factories.variant()
    return lambda: variants.retire(variant=variant, by=None)


def add() -> Act:
    campaign, first, second = factories.campaign(), factories.variant(), factories.variant()
    return lambda: sampling_plans.add(campaign=campaign, first=first, second=second, terms=TERMS, by=None)


def change() -> Act:
    pair = factories.sampling_plan(factories.campaign())
    return lambda: sampling_plans.change(pair=pair, terms=TERMS, by=None)


def pause() -> Act:
    pair = factories.sampling_plan(factories.campaign())
    return lambda: sampling_plans.pause(pair=pair, by=None)


def resume() -> Act:
    pair = factories.sampling_plan(factories.campaign())
    sampling_plans.pause(pair=pair, by=None)
    return lambda: sampling_plans.resume(pair=pair, by=None)


def remove() -> Act:
    pair = factories.sampling_plan(factories.campaign())
    return lambda: sampling_plans.remove(pair=pair, by=None)


def replace() -> Act:
    pair = factories.sampling_plan(factories.campaign())
    lines = [(pair.second, pair.first, TERMS)]
    return lambda: sampling_plans.replace(campaign=pair.campaign, lines=lines, by=None)


def spread() -> Act:
    campaign = factories.campaign()
    return lambda: sampling_plans.spread(campaign=campaign, temperature_spread=0.2, by=None)


def tune() -> Act:
    pair = factories.sampling_plan(factories.campaign(), tuned=True)
    return lambda: sampling_plans.tune(campaign=pair.campaign, variant=pair.first, temperature=1.2, by=None)


def close() -> Act:
    campaign = factories.campaign()
    return lambda: campaigns.close(campaign=campaign, by=None)
