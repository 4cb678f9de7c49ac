"""Visits to the pages of a variant's temperatures, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.models import Campaign
from tests import factories
from tests.annotation.helpers import new_turn
from tests.factories.temperatures import measured_sweep, requested_sweep
from webapp.accounts.models import User
from workers.temperature import holding


def visits(
    a_campaign: Callable[..., Campaign], get: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("tuned")
    boss = reader(factories.manager(campaign))
    unmeasured = factories.sampling_plan(campaign).second
    line = factories.sampling_plan(campaign, tuned=True)
    for number in range(3):
        new_turn(campaign, text=f"Question {number}?")
    measured_sweep(campaign, variant=line.first)
    requested_sweep(campaign, variant=line.first)
    failed = requested_sweep(campaign, variant=line.second)
    holder = holding.take(sweep=failed)
    assert holder is not None
    holding.fail(sweep=failed, holder=holder, reason="It ended without a word several times.")
    variants = {"measured": line.first, "that failed": line.second, "not measured": unmeasured}
    return {
        f"temperatures of a variant {word}": get(boss, f"/variants/{variant.pk}/temperatures/")
        for word, variant in variants.items()
    }
