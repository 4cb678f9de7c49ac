"""Celery's part: wake-up calls that may be lost or doubled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from preferences.models import Comparison, Prompt, Response, Variant
from tests.clock import Clock
from tests.factories.variants import VariantFactory
from tests.workers.helpers import claimed, lose_leases, planned_campaign, sampled_turn, script
from workers import actions, leases, tasks
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def queues() -> list[str]:
    """The Celery queues by which workers were called."""
    return []


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch, queues: list[str]) -> list[int]:
    """The variants for which a worker was called."""
    calls: list[int] = []

    def call(arguments: tuple[int], *, queue: str, expires: int) -> None:
        calls.extend(arguments)
        queues.append(queue)

    monkeypatch.setattr(tasks.sample, "apply_async", call)
    return calls


def test_it_calls_a_worker_for_each_variant_after_the_commit(
    woken: list[int], queues: list[str], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    early, late, big = (VariantFactory(queue=queue).pk for queue in ("", "", "big"))

    with django_capture_on_commit_callbacks(execute=True):
        tasks.wake_after_commit({late, big, early})
        assert woken == []

    assert woken == [early, late, big]
    assert queues == ["sample", "sample", "sample.big"]


def test_it_stores_the_prompt_and_says_so_in_the_log_while_the_broker_is_away(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    calls: list[int] = []

    def refuse(arguments: tuple[int], *rest: Any, **options: Any) -> None:
        calls.extend(arguments)
        raise OperationalError("Error 111 connecting to the broker")

    monkeypatch.setattr(tasks.sample, "apply_async", refuse)
    campaign = planned_campaign()

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        turn, *runs = sampled_turn(campaign, text="Are you there?")
        tasks.wake_after_commit({run.variant_id for run in runs})

    assert Prompt.objects.get().text == "Are you there?"
    assert list(SamplingRun.objects.filter(turn=turn).values_list("status", flat=True)) == ["pending", "pending"]
    assert "broker unreachable, the prompt waits for the sweep" in caplog.text
    assert len(calls) == 1  # the person waits for one timeout, not for one a variant


def test_it_finds_in_the_sweep_what_nobody_was_called_for(woken: list[int]) -> None:
    _, run_a, run_b = sampled_turn(planned_campaign())
    claimed(run_a)

    tasks.wake()
    assert woken == [run_b.variant_id]

    lose_leases()
    tasks.wake()
    assert sorted(woken[1:]) == sorted([run_a.variant_id, run_b.variant_id])


def test_what_a_dead_worker_held_is_with_another_within_half_a_minute(
    woken: list[int], clock: Clock, settings: Any
) -> None:
    sweep = settings.CELERY_BEAT_SCHEDULE["wake-sampling"]["schedule"]
    _, run, other = sampled_turn(planned_campaign())
    dead = claimed(run)
    claimed(other)
    assert actions.renew(holder=dead) == 1  # its last sign of life
    clock.goes(seconds=0.001)

    seconds = 0.0
    while run.variant_id not in woken:
        assert actions.claim(variant=run.variant, limit=1)[1] == []
        clock.goes(seconds=sweep)
        seconds += sweep
        tasks.wake()

    assert seconds <= 30
    assert actions.claim(variant=run.variant, limit=1)[1] == [run]
    # And nobody loses a lease who only missed two of the signs in between.
    assert timedelta(seconds=3 * leases.HEARTBEAT_SECONDS) < actions.LEASE


def test_it_calls_nobody_when_nothing_waits(woken: list[int]) -> None:
    planned_campaign()

    tasks.wake()

    assert woken == []


def test_it_samples_once_however_often_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled_turn(planned_campaign())
    script(monkeypatch, lambda location, request: location)

    for _ in range(2):
        for variant in Variant.objects.all():
            tasks.sample(variant.pk)

    assert Response.objects.count() == 2
    assert Comparison.objects.count() == 1
