"""Imported prompts are sampled ahead of the people who judge them, within what the campaign keeps ready."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preferences.actions import campaigns, variants
from preferences.errors import Conflict
from preferences.models import Campaign, Comparison, Event, Turn, Variant
from tests import factories
from tests.concurrency import at_once
from tests.workers.helpers import drain_both, planned_campaign, sampled_turn, script
from tests.workers.test_prompt_sets import prompt
from workers import prefetch, prompt_sets, tasks
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def campaign_of_prompts(count: int, *, ready_ahead: int, **settings: Any) -> Campaign:
    campaign = planned_campaign(ready_ahead=ready_ahead, **settings)
    prompt_sets.bring_in(campaign=campaign, items=[prompt(f"p{number}") for number in range(count)], by=None)
    return campaign


def asked() -> int:
    return SamplingRun.objects.values("turn").distinct().count()


def test_of_a_set_as_many_are_asked_for_as_the_campaign_keeps_ready() -> None:
    campaign = campaign_of_prompts(7, ready_ahead=3)

    assert asked() == 3
    assert set(SamplingRun.objects.values_list("ahead", flat=True)) == {True}
    assert set(SamplingRun.objects.values_list("turn", flat=True)) == set(
        Turn.objects.order_by("pk").values_list("pk", flat=True)[:3]
    )
    assert prefetch.refill(campaign=campaign) == set()
    assert prefetch.waiting(campaign).count() == 4


def test_what_was_judged_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_of_prompts(7, ready_ahead=3, raters_per_item=2)
    script(monkeypatch, lambda location, request: location)
    monkeypatch.setattr(tasks.sample, "apply_async", lambda *arguments, **options: None)
    drain_both()
    tasks.sample_ahead()
    assert asked() == 3  # three are ready, and nobody has judged

    for comparison in Comparison.objects.order_by("pk")[:2]:
        factories.judge(comparison)
    tasks.sample_ahead()

    assert asked() == 5
    assert prefetch.ready(campaign) == 3


def test_the_sweep_wakes_the_workers_and_passes_by_what_has_no_plan(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unplanned, campaign = campaign_of_prompts(2, ready_ahead=0), campaign_of_prompts(2, ready_ahead=0)
    paused = campaign_of_prompts(2, ready_ahead=0)
    Campaign.objects.update(ready_ahead=5)
    campaigns.pause(campaign=paused, by=None)
    for line in unplanned.sampling_plan.select_related("first"):
        variants.retire(variant=line.first, by=None)
    other = factories.variant()
    campaign.sampling_plan.update(first=other)
    woken: list[int] = []
    monkeypatch.setattr(tasks.sample, "apply_async", lambda arguments, **options: woken.extend(arguments))

    with caplog.at_level(logging.WARNING):
        tasks.sample_ahead()

    assert "has no sampling plan with active variants" in caplog.text
    assert sorted(woken) == sorted({other.pk, Variant.objects.get(name="late").pk})
    assert set(SamplingRun.objects.values_list("turn__dialogue__campaign", flat=True)) == {campaign.pk}


def test_somebody_who_waits_is_not_counted_and_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_of_prompts(4, ready_ahead=2)
    live, *_ = sampled_turn(campaign, text="Somebody waits.")
    assert prefetch.ready(campaign) == 2
    asked_for: list[str] = []
    Variant.objects.update(batch_size=1)
    script(monkeypatch, lambda location, request: asked_for.append(request.messages[-1]["content"]) or location)

    drain_both()

    assert asked_for[0] == "Somebody waits."
    live.refresh_from_db()
    assert live.status == "ready"


def test_a_budget_of_nothing_asks_for_nothing() -> None:
    campaign = campaign_of_prompts(3, ready_ahead=0)
    assert asked() == 0
    assert list(prefetch.short_campaigns()) == []
    campaigns.keep_ready(campaign=campaign, comparisons=2, by=None)
    assert list(prefetch.short_campaigns()) == [campaign]
    prefetch.refill(campaign=campaign)
    assert asked() == 2


def test_what_failed_is_not_asked_for_again_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_of_prompts(3, ready_ahead=1)
    script(monkeypatch, lambda location, request: "")
    for _ in range(5):
        drain_both()
    assert Turn.objects.filter(status="failed").count() == 1

    prefetch.refill(campaign=campaign)

    assert asked() == 2
    assert Event.objects.filter(verb="sampling.requested").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_fill_the_gap_once() -> None:
    campaign = campaign_of_prompts(9, ready_ahead=0)
    campaigns.keep_ready(campaign=campaign, comparisons=4, by=None)
    fresh = Campaign.objects.get(pk=campaign.pk)

    outcomes = at_once([partial(prefetch.refill, campaign=fresh)] * 4)

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert asked() == 4


def test_a_sweep_over_campaigns_that_lack_nothing_is_one_query() -> None:
    campaign_of_prompts(2, ready_ahead=5)
    with CaptureQueriesContext(connection) as queries:
        tasks.sample_ahead()
    assert len(queries) == 1


def test_a_prompt_that_waits_is_asked_for_out_of_turn_once() -> None:
    campaign = campaign_of_prompts(3, ready_ahead=1)
    last = Turn.objects.latest("pk")
    assert len(prefetch.ask(turn=last, by=None)) == 2
    assert prefetch.ask(turn=last, by=None) == []
    assert asked() == 2 and prefetch.waiting(campaign).count() == 1


def test_a_closed_campaign_asks_no_model() -> None:
    campaign = campaign_of_prompts(1, ready_ahead=0)
    campaigns.close(campaign=campaign, by=None)
    with pytest.raises(Conflict, match="is closed"):
        prefetch.ask(turn=Turn.objects.get(), by=None)
    assert asked() == 0


def test_a_prompt_that_came_with_its_responses_is_not_asked() -> None:
    turn = factories.comparison(planned_campaign()).turn
    with pytest.raises(Conflict, match="came with its responses"):
        prefetch.ask(turn=turn, by=None)


@pytest.mark.django_db(transaction=True)
def test_a_prompt_that_is_asked_for_at_once_is_asked_for_once() -> None:
    campaign_of_prompts(1, ready_ahead=0)
    turn = Turn.objects.get()
    made = at_once([partial(prefetch.ask, turn=turn, by=None) for _ in range(3)])
    assert sorted(len(runs) for runs in made) == [0, 0, 2] and asked() == 1
