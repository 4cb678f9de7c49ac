"""Sweeps that people and rounds ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from preferences.actions import sampling_plans, variants
from preferences.choices import SweepStatus, Track
from preferences.errors import Conflict, InvalidInput
from preferences.models import Event, Prompt
from tests import factories
from tests.annotation.helpers import new_turn
from tests.factories.rounds import RoundFactory
from tests.factories.temperatures import (
    SweptTemperatureFactory,
    TemperatureSweepFactory,
    measured_sweep,
    planned_campaign,
    requested_sweep,
)
from tests.preferences.refusals import refused
from tests.workers.temperature.helpers import failed_sweep, verbs
from workers.models import TemperatureSweep
from workers.temperature import actions

pytestmark = pytest.mark.django_db

DONE = {"status": SweepStatus.DONE, "temperature": 1.0, "finished_at": datetime(2026, 1, 1, tzinfo=UTC)}


def test_a_sweep_is_asked_for_with_the_papers_grid_on_prompts_that_a_seed_draws() -> None:
    campaign, person = planned_campaign(prompts=8), factories.user()
    factories.trained_reward_model(Track.SAFETY)
    older, newest = (factories.trained_reward_model() for _ in range(2))
    variant = campaign.sampling_plan.get().second
    sweep = actions.request(variant=variant, campaign=campaign, prompts=5, by=person, seed=3)
    sweep.refresh_from_db()
    assert sweep.grid == pytest.approx([n / 10 for n in range(1, 16)])
    assert (sweep.answers, sweep.best_of, sweep.top_p, sweep.requested_by) == (25, 10, 1.0, person)
    assert (sweep.reward_model, sweep.status) == (newest, SweepStatus.WAITING) and older != newest
    assert len(set(sweep.prompts)) == 5
    assert Prompt.objects.filter(pk__in=sweep.prompts, campaign=campaign).count() == 5
    assert actions._drawn(campaign, 5, 3) == sweep.prompts != actions._drawn(campaign, 5, 4)
    assert verbs() == ["requested"]


def test_of_prompts_that_are_the_same_one_is_drawn_and_none_from_inside_a_dialogue() -> None:
    campaign = planned_campaign(prompts=2)
    new_turn(campaign, text="question 0?  ")
    first = list(Prompt.objects.filter(campaign=campaign).order_by("pk"))[:2]
    assert sorted(actions._drawn(campaign, 10, 1)) == [prompt.pk for prompt in first]


def test_the_plan_says_with_which_top_p() -> None:
    campaign = planned_campaign()
    campaign.sampling_plan.update(top_p=0.9)
    assert requested_sweep(campaign).top_p == 0.9


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"grid": []}, "from 1 to 50 temperatures"),
        ({"grid": [0.0]}, "each above 0"),
        ({"grid": [0.5, float("nan")]}, "each above 0"),
        ({"answers": 101}, "from 1 to 100"),
        ({"prompts": 0}, "from 1 to 1000"),
        ({"best_of": 5}, "of 1 to 4 answers"),
        ({"seed": -1}, "A seed is a whole number from 0 to"),
        ({"seed": 2**63}, "A seed is a whole number from 0 to"),
    ],
    ids=["empty grid", "greedy", "no number", "answers", "prompts", "best of", "seed below", "seed above"],
)
def test_sizes_that_cannot_be_are_refused(wish: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        requested_sweep(**wish)
    assert not TemperatureSweep.objects.exists()


def test_what_is_missing_is_said() -> None:
    campaign = planned_campaign(prompts=0)
    variant = campaign.sampling_plan.get().first
    with pytest.raises(Conflict, match="No reward model of the track “Helpfulness” is trained yet"):
        actions.request(variant=variant, campaign=campaign, by=None)
    with pytest.raises(Conflict, match="has no prompts yet"):
        requested_sweep(campaign)
    variants.retire(variant=variant, by=None)
    with pytest.raises(Conflict, match="cannot be sampled"):
        requested_sweep(campaign)


def test_a_double_click_asks_once() -> None:
    sweep = requested_sweep()
    with pytest.raises(Conflict, match="is being measured already"):
        requested_sweep(sweep.campaign)
    assert verbs() == ["requested"]


def test_a_round_that_opens_asks_for_the_variants_of_the_plan_and_the_new_one() -> None:
    campaign = planned_campaign()
    line = campaign.sampling_plan.get()
    round_ = RoundFactory(campaign=campaign)
    assert actions.request_for_round(round=round_, by=None) == []  # the plan's range serves
    factories.trained_reward_model()
    retired, busy = factories.variant(), factories.variant()
    factories.sampling_plan(campaign, first=retired, second=busy)
    sampling_plans.pause(pair=factories.sampling_plan(campaign), by=None)
    variants.retire(variant=retired, by=None)
    requested_sweep(campaign, variant=busy)
    found = actions.request_for_round(round=round_, by=None)
    assert {sweep.variant for sweep in found} == {line.first, line.second, round_.new}
    assert {sweep.round for sweep in found} == {round_}


def test_a_round_leaves_variants_that_the_newest_reward_model_has_measured() -> None:
    campaign = planned_campaign()
    line = campaign.sampling_plan.get()
    round_ = RoundFactory(campaign=campaign)
    model = factories.trained_reward_model()
    TemperatureSweepFactory(campaign=campaign, variant=line.first, reward_model=model, **DONE)
    found = actions.request_for_round(round=round_, by=None)
    assert {sweep.variant for sweep in found} == {line.second, round_.new}


def test_a_round_without_a_prompt_opens_without_sweeps() -> None:
    factories.trained_reward_model()
    assert actions.request_for_round(round=RoundFactory(campaign=planned_campaign(prompts=0)), by=None) == []


def test_a_failed_sweep_waits_again_when_somebody_asks_and_a_double_click_asks_once() -> None:
    sweep = failed_sweep("The memory was full.")
    for _ in range(2):
        actions.retry(sweep=sweep, by=None)
    sweep.refresh_from_db()
    assert (sweep.status, sweep.attempts, sweep.finished_at) == (SweepStatus.WAITING, 0, None)
    assert verbs() == ["requested", "started", "failed", "retried"]


def test_a_failed_sweep_does_not_wait_again_beside_a_newer_one() -> None:
    sweep = failed_sweep("The memory was full.")
    requested_sweep(sweep.campaign)
    with pytest.raises(Conflict, match="is being measured already"):
        actions.retry(sweep=sweep, by=None)


def test_what_is_done_stays_as_it_is() -> None:
    sweep = measured_sweep()
    with refused("Cannot update"):
        TemperatureSweep.objects.filter(pk=sweep.pk).update(temperature=1.5)
    with refused("Cannot delete"):
        TemperatureSweep.objects.filter(pk=sweep.pk).delete()
    with refused("Cannot update"):
        sweep.swept.update(seconds=0)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost"}, "temperature_sweep_status"),
        ({"status": SweepStatus.RUNNING}, "temperature_sweep_leased_while_running"),
        ({"status": SweepStatus.DONE}, "temperature_sweep_done_with_temperature"),
        ({"temperature": 1.0}, "temperature_sweep_done_with_temperature"),
        ({**DONE, "low": 1.0, "high": 0.5}, "temperature_sweep_interval"),
        ({**DONE, "low": 1.0}, "temperature_sweep_interval"),
        ({"answers": 101}, "temperature_sweep_sizes"),
        ({"best_of": 5}, "temperature_sweep_sizes"),
        ({"grid": []}, "temperature_sweep_sizes"),
        ({"prompts": []}, "temperature_sweep_sizes"),
        ({"top_p": 0.0}, "temperature_sweep_sizes"),
    ],
    ids=[
        "status", "running without lease", "done without temperature", "temperature without done", "falling interval",
        "half an interval", "answers", "best of", "grid", "prompts", "top-p",
    ],
)  # fmt: skip
def test_the_database_refuses_a_sweep_that_cannot_be(fields: dict[str, Any], constraint: str) -> None:
    with refused(constraint):
        TemperatureSweepFactory(**fields)


def test_the_database_refuses_a_second_sweep_at_a_time_and_a_temperature_twice() -> None:
    sweep = TemperatureSweepFactory()
    with refused("temperature_sweep_one_at_a_time"):
        TemperatureSweepFactory(variant=sweep.variant, campaign=sweep.campaign)
    SweptTemperatureFactory(sweep=sweep)
    with refused("swept_temperature_once"):
        SweptTemperatureFactory(sweep=sweep)
    with refused("swept_temperature_ranges"):
        SweptTemperatureFactory(sweep=sweep, temperature=0.0)


def test_events_tell_which_campaign_they_belong_to() -> None:
    sweep = measured_sweep()
    assert set(Event.objects.filter(verb__startswith="temperature_sweep").values_list("campaign", flat=True)) == {
        sweep.campaign_id
    }
