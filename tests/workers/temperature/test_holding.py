"""A sweep in the hands of a worker, and what it does to the sampling plan."""

from __future__ import annotations

import pytest

from preferences.actions import campaigns, sampling_plans
from preferences.choices import SweepStatus
from preferences.models import Event
from tests import factories
from tests.clock import Clock
from tests.factories.temperatures import found_at, measured_sweep, planned_campaign, requested_sweep
from tests.workers.temperature.helpers import failed_sweep, taken, verbs
from workers.temperature import holding, results

pytestmark = pytest.mark.django_db

LEASE = holding.LEASE.total_seconds()


def test_a_sweep_is_held_by_one_and_each_temperature_is_kept_as_it_is_done() -> None:
    sweep = requested_sweep()
    holder = taken(sweep)
    assert holding.take(sweep=sweep) is None
    assert holding.note(sweep=sweep, holder=holder, answered=12)
    sweep.refresh_from_db()
    assert (sweep.status, sweep.answered, sweep.attempts) == (SweepStatus.RUNNING, 12, 1)
    assert holding.record(sweep=sweep, holder=holder, found=found_at(sweep, 0.8))
    sweep.refresh_from_db()
    assert (sweep.answered, [one.temperature for one in sweep.swept.all()]) == (0, [0.8])


def test_a_worker_that_dies_is_replaced_and_its_late_results_are_refused(clock: Clock) -> None:
    sweep = requested_sweep()
    lost = taken(sweep)
    assert holding.record(sweep=sweep, holder=lost, found=found_at(sweep, 0.4))
    clock.goes(seconds=LEASE - 1)
    assert holding.take(sweep=sweep) is None
    clock.goes(seconds=2)
    holder = taken(sweep)
    assert not holding.note(sweep=sweep, holder=lost, answered=1)
    assert not holding.record(sweep=sweep, holder=lost, found=found_at(sweep, 0.8))
    assert not holding.finish(sweep=sweep, holder=lost)
    assert not holding.fail(sweep=sweep, holder=lost, reason="Late.")
    for temperature in (0.8, 1.2):
        assert holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature))
    assert holding.finish(sweep=sweep, holder=holder)
    assert verbs() == ["requested", "started", "measured", "started", "measured", "measured", "done"]


def test_a_sweep_that_kills_its_workers_ends_as_failed_unless_it_gets_on(clock: Clock) -> None:
    sweep = requested_sweep()
    for temperature in sweep.grid[:2]:
        holder = taken(sweep)
        holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature))
        clock.goes(seconds=LEASE + 1)
    for _ in range(holding.MOST_ATTEMPTS - 1):
        taken(sweep)
        clock.goes(seconds=LEASE + 1)
    assert holding.take(sweep=sweep) is None
    sweep.refresh_from_db()
    assert (sweep.status, sweep.reason) == (SweepStatus.FAILED, "It ended without a word several times.")
    assert not holding.waiting().exists()


def test_a_temperature_that_is_stored_already_is_stored_once() -> None:
    sweep = requested_sweep()
    holder = taken(sweep)
    for _ in range(2):
        assert holding.record(sweep=sweep, holder=holder, found=found_at(sweep, 0.8))
    assert sweep.swept.count() == 1
    assert verbs() == ["requested", "started", "measured"]


def test_why_it_failed_is_kept_whatever_stands_in_it() -> None:
    assert failed_sweep("half \ud800 and \x00 nothing").reason == "half \ufffd and \ufffd nothing"


def test_the_temperature_with_the_best_answers_is_chosen_and_written_into_the_plan() -> None:
    campaign = planned_campaign()
    line = campaign.sampling_plan.get()
    fixed = factories.sampling_plan(campaign, first=factories.variant(), second=line.first)
    sweep = measured_sweep(campaign)
    assert (sweep.status, sweep.temperature, sweep.low, sweep.high) == (SweepStatus.DONE, 0.8, 0.8, 0.8)
    line.refresh_from_db()
    fixed.refresh_from_db()
    assert (line.first_temperature, line.second_temperature) == (0.8, 0.9)
    assert fixed.second_temperature == 0.9  # it does not follow the sweeps
    told = Event.objects.get(verb="campaign.temperature_tuned")
    assert told.data == {"variant": line.first.name, "before": 0.7, "after": 0.8}
    assert told.campaign == campaign


def test_the_second_variant_of_a_line_is_tuned_as_the_first_and_what_is_so_already_is_no_event() -> None:
    campaign = planned_campaign()
    line = campaign.sampling_plan.get()
    for changed in ([line], []):
        assert sampling_plans.tune(campaign=campaign, variant=line.second, temperature=1.3, by=None) == changed
    line.refresh_from_db()
    assert (line.first_temperature, line.second_temperature) == (0.7, 1.3)
    assert Event.objects.filter(verb="campaign.temperature_tuned").count() == 1


def test_a_closed_campaign_keeps_its_plan() -> None:
    campaign = planned_campaign()
    line = campaign.sampling_plan.get()
    campaigns.close(campaign=campaign, by=None)
    assert sampling_plans.tune(campaign=campaign, variant=line.first, temperature=1.3, by=None) == []
    line.refresh_from_db()
    assert line.first_temperature == 0.7


def test_a_prompt_without_all_its_answers_counts_at_no_temperature() -> None:
    sweep = requested_sweep()
    holder = taken(sweep)
    for temperature in sweep.grid:
        found = found_at(sweep, temperature)
        if temperature == 1.2:
            found["rewards"][1] = None
        holding.record(sweep=sweep, holder=holder, found=found)
    assert holding.finish(sweep=sweep, holder=holder)
    measured = results.measured(sweep)
    assert (measured.rewards.shape, measured.left_out) == ((3, 2, 4), 1)
    assert measured.rewards[0, :, 0] == pytest.approx([found_at(sweep, 0.4)["rewards"][place][0] for place in (0, 2)])


def test_where_no_prompt_has_all_its_answers_the_sweep_fails_and_says_why() -> None:
    sweep = requested_sweep()
    holder = taken(sweep)
    changes = {"rewards": [None] * 3, "remarks": ["The address answers 404."]}
    for temperature in sweep.grid:
        holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature, **changes))
    assert not holding.finish(sweep=sweep, holder=holder)
    sweep.refresh_from_db()
    assert sweep.reason == "Not one prompt has all its answers at every temperature. The address answers 404."


def test_a_model_that_changed_meanwhile_is_not_tuned() -> None:
    sweep = requested_sweep()
    holder = taken(sweep)
    for temperature in sweep.grid:
        holding.record(
            sweep=sweep, holder=holder, found=found_at(sweep, temperature, weights_hash=f"{temperature:.1f}")
        )
    assert not holding.finish(sweep=sweep, holder=holder)
    sweep.refresh_from_db()
    assert sweep.reason.startswith("The model's weights changed")


def test_the_choice_is_the_same_each_time_it_is_asked() -> None:
    sweep = measured_sweep()
    first, again = (results.best(sweep, results.measured(sweep)) for _ in range(2))
    assert (first.shares == again.shares).all() and first.low == again.low
