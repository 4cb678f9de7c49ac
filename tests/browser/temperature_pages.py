"""The pages of a variant's temperatures, with a sweep as it looks in life."""

from __future__ import annotations

from typing import Any

import numpy as np

from preferences.models import Campaign
from tests import factories
from tests.factories.temperatures import found_at, planned_campaign, requested_sweep
from workers.models import TemperatureSweep
from workers.temperature import holding
from workers.temperature.actions import GRID

LEFT_OUT = 2  # prompts


def lively(sweep: TemperatureSweep, temperature: float) -> dict[str, Any]:
    """What a model gives whose best answers are best at about 1.2: the mean falls slowly, the spread grows."""
    prompts = np.random.default_rng(5).normal(0.2, 0.8, len(sweep.prompts))
    rng = np.random.default_rng(int(100 * temperature))
    middle = prompts[:, None] - 0.15 * temperature - 4 * max(0.0, temperature - 1.15) ** 2
    scores = middle + 0.7 * temperature * rng.normal(size=(len(prompts), sweep.answers))
    rewards = np.round(1 / (1 + np.exp(-scores)), 6).tolist()
    return {
        **found_at(sweep, temperature),
        "rewards": [None if place < LEFT_OUT else of_prompt for place, of_prompt in enumerate(rewards)],
        "remarks": ["The dialogue has 1,204 tokens, and at most 1,000 are allowed."] if temperature == GRID[0] else [],
    }


def lively_sweep(campaign: Campaign) -> TemperatureSweep:
    """Of the paper's grid, 25 answers to each of 40 prompts, of which two are left out."""
    sweep = requested_sweep(campaign, grid=GRID, answers=25, prompts=40, best_of=10)
    holder = holding.take(sweep=sweep)
    assert holder is not None
    for temperature in sweep.grid:
        assert holding.record(sweep=sweep, holder=holder, found=lively(sweep, temperature))
    assert holding.finish(sweep=sweep, holder=holder)
    return sweep


def temperatures() -> list[str]:
    """A variant that is measured while an older measurement is shown, one whose last one failed, one of no plan."""
    campaign = planned_campaign(prompts=40, temperature_spread=0.1)
    line = campaign.sampling_plan.get()
    lively_sweep(campaign)
    at_work = requested_sweep(campaign, grid=GRID, answers=25, prompts=40)
    holder = holding.take(sweep=at_work)
    assert holder is not None
    holding.record(sweep=at_work, holder=holder, found=lively(at_work, GRID[0]))
    holding.note(sweep=at_work, holder=holder, answered=300)
    failed = requested_sweep(campaign, variant=line.second)
    holder = holding.take(sweep=failed)
    assert holder is not None
    holding.fail(sweep=failed, holder=holder, reason="The model in /models/chat cannot be loaded: no such file.")
    variants = (line.first_id, line.second_id, factories.variant().pk)
    return [*(f"/variants/{pk}/temperatures/" for pk in variants), f"/variants/{line.first_id}/"]
