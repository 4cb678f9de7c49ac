from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import factory
from factory.django import DjangoModelFactory

from preferences.models import Campaign, Variant
from tests.annotation.helpers import new_turn
from tests.factories.campaigns import CampaignFactory
from tests.factories.made_campaigns import campaign as open_campaign
from tests.factories.made_campaigns import sampling_plan
from tests.factories.rewards import RewardModelFactory, report, trained_reward_model
from tests.factories.variants import VariantFactory
from workers.models import RewardModel, SweptTemperature, TemperatureSweep
from workers.rewards import actions as reward_actions
from workers.rewards.recipe import Recipe
from workers.temperature import actions, holding


class TemperatureSweepFactory(DjangoModelFactory[TemperatureSweep]):
    class Meta:
        model = TemperatureSweep

    variant = factory.SubFactory(VariantFactory)
    campaign = factory.SubFactory(CampaignFactory)
    reward_model = factory.SubFactory(RewardModelFactory)
    grid = [0.5, 1.0]
    answers = 4
    best_of = 4
    prompts = [1]
    seed = 7


class SweptTemperatureFactory(DjangoModelFactory[SweptTemperature]):
    class Meta:
        model = SweptTemperature

    sweep = factory.SubFactory(TemperatureSweepFactory)
    temperature = 0.5
    rewards = [[0.1, 0.2, 0.3, 0.4]]
    lengths = [[5, 6, 7, 8]]
    cut_off = 0
    self_bleu: dict[str, list[float]] = {"creative": [0.2], "factual": [0.8]}
    remarks: list[str] = []
    weights_hash = "a" * 64
    seconds = 1.5


def planned_campaign(*, first: Variant | None = None, prompts: int = 3, **settings: Any) -> Campaign:
    """An open campaign with a plan that follows its sweeps, prompts, and no reward model."""
    campaign = open_campaign(**settings)
    sampling_plan(campaign, first=first, tuned=True)
    for number in range(prompts):
        new_turn(campaign, text=f"Question {number}?")
    return campaign


def requested_sweep(
    campaign: Campaign | None = None, *, variant: Variant | None = None, **settings: Any
) -> TemperatureSweep:
    """A sweep that waits for a worker: of the first variant of the campaign's plan, with a trained reward model."""
    campaign = campaign or planned_campaign()
    if actions.reward_model_of(campaign) is None:
        trained_reward_model(campaign.track)
    sizes: dict[str, Any] = {"grid": [0.4, 0.8, 1.2], "answers": 4, "prompts": 3, "seed": 7}
    return actions.request(
        variant=variant or campaign.sampling_plan.order_by("pk")[0].first,
        campaign=campaign,
        by=None,
        **(sizes | settings),
    )


def found_at(sweep: TemperatureSweep, temperature: float, **changes: Any) -> dict[str, Any]:
    """What the child writes of one temperature; the best answers of each prompt are those at 0.8."""
    level = 0.5 - (temperature - 0.8) ** 2
    prompts, answers = range(len(sweep.prompts)), range(sweep.answers)
    steps = [0.02 * temperature * (answer + 1) for answer in answers]
    return {
        "temperature": temperature,
        "rewards": [[level + 0.01 * prompt + step for step in steps] for prompt in prompts],
        "lengths": [[20 + answer for answer in answers] for _ in prompts],
        "cut_off": 1,
        "self_bleu": {
            "creative": [0.9 - 0.4 * temperature - 0.01 * number for number in range(10)],
            "factual": [0.95 - 0.1 * temperature - 0.01 * number for number in range(10)],
        },
        "remarks": [],
        "weights_hash": "a" * 64,
        "engine_version": "scripted 1",
        "seconds": 2.0,
        **changes,
    }


def measured_sweep(
    campaign: Campaign | None = None, *, changes: Mapping[str, Any] | None = None, **settings: Any
) -> TemperatureSweep:
    """A finished sweep, by the real actions and without a model."""
    sweep = requested_sweep(campaign, **settings)
    holder = holding.take(sweep=sweep)
    assert holder is not None
    for temperature in sweep.grid:
        assert holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature, **(changes or {})))
    assert holding.finish(sweep=sweep, holder=holder)
    return sweep


def trained_reward_model_at(folder: Path, track: str) -> RewardModel:
    """A reward model in the record whose folder was written by a training outside of it."""
    model = reward_actions.request(
        base="somewhere", datasets=["/one"], recipe=Recipe(track=track), location=str(folder), by=None
    )
    holder = reward_actions.take(model=model)
    assert holder is not None
    assert reward_actions.finish(model=model, holder=holder, report=report(model))
    return model
