"""The figures of each variant's queue, told by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from preferences.actions import variants
from preferences.models import Campaign, Response, Variant
from tests import factories
from tests.clock import Clock
from tests.workers.helpers import ENGINE, claimed, completion, planned_campaign, sampled_turn
from workers import actions, recording, standing
from workers.engines.base import Completion
from workers.models import SamplingRun
from workers.standing import Ended, Standing, Waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return planned_campaign()


def of(name: str) -> Standing:
    return next(one for one in standing.standings() if one.variant.name == name)


def runs_of(name: str, campaign: Campaign, count: int) -> list[SamplingRun]:
    for _ in range(count):
        sampled_turn(campaign)
    return list(SamplingRun.objects.filter(variant__name=name).order_by("pk"))


def answered(runs: list[SamplingRun], seconds: list[float], bring: Callable[[int], Completion]) -> None:
    """Each run is answered so many seconds after it was asked for."""
    for number, (run, after) in enumerate(zip(runs, seconds, strict=True)):
        assert recording.record(run=run, holder=claimed(run), completion=bring(number), engine=ENGINE)
        ended_at = SamplingRun.objects.get(pk=run.pk).ended_at
        SamplingRun.objects.filter(pk=run.pk).update(created_at=ended_at - timedelta(seconds=after))


def test_every_variant_that_is_sampled_has_its_line(campaign: Campaign) -> None:
    factories.variant("from elsewhere", engine="imported")
    Variant.objects.filter(name="late").update(queue="big")
    factories.worker()

    found = standing.standings()

    assert [(one.variant.name, one.queue, one.is_served) for one in found] == [
        ("early", "sample", True),
        ("late", "sample.big", False),
    ]
    assert {(one.waiting, one.ended, one.put_back, one.failure) for one in found} == {(Waiting(), Ended(), None, None)}


def test_what_waits_is_told_by_who_waits_for_it(campaign: Campaign) -> None:
    runs = runs_of("early", campaign, 4)
    SamplingRun.objects.filter(pk=runs[3].pk).update(ahead=True)
    actions.claim(variant=runs[0].variant, limit=1)
    asked = timezone.now() - timedelta(minutes=5)
    SamplingRun.objects.filter(pk=runs[0].pk).update(created_at=asked - timedelta(hours=1))  # it is begun
    SamplingRun.objects.filter(pk=runs[2].pk).update(created_at=asked)

    assert of("early").waiting == Waiting(live=2, ahead=1, running=1, oldest=asked)


def test_the_last_hour_is_told_by_what_came_and_how_long_it_took(campaign: Campaign, clock: Clock) -> None:
    first, second, ahead = runs_of("early", campaign, 3)
    SamplingRun.objects.filter(pk=ahead.pk).update(ahead=True)
    # Seven tokens each: two answers that took 4 s and 2 s at the same time, and 1 s of work later on.
    answered([first, second], [10, 20], lambda number: replace(completion("A."), latency_ms=4000 - 2000 * number))
    clock.goes(minutes=10)
    answered([ahead], [5000], lambda number: replace(completion("B."), latency_ms=1000))

    ended = of("early").ended
    assert (ended.answered, ended.failed, ended.unconfirmed) == (3, 0, 0)
    assert (ended.median, ended.slow) == (15, 19.5)  # of what somebody waited for
    assert ended.tokens_per_second == pytest.approx(21 / 5)

    clock.goes(minutes=51)
    assert of("early").ended.answered == 1
    clock.goes(minutes=10)
    assert of("early").ended == Ended()


def test_answers_with_parameters_that_nobody_vouches_for_are_counted(campaign: Campaign) -> None:
    doubts = [("seed", "top_p"), ("seed",), ()]
    answered(
        runs_of("early", campaign, 3),
        [1, 1, 1],
        lambda number: replace(completion(f"{number}."), unconfirmed=doubts[number]),
    )

    ended = of("early").ended
    assert (ended.unconfirmed, ended.parameters) == (2, ["seed", "top_p"])
    assert Response.objects.filter(unconfirmed__isnull=True).count() == 1


def test_the_last_failure_and_what_is_tried_again_are_told_with_their_reasons(campaign: Campaign, clock: Clock) -> None:
    first, second, third, fourth = runs_of("early", campaign, 4)
    for run, reason in ((first, "Too long."), (second, "Out of memory.")):
        recording.fail(run=run, holder=claimed(run), reason=reason)
        clock.goes(seconds=1)
    for run, reason in ((third, "The server says 503."), (fourth, "The server refused the connection.")):
        actions.put_back(holder=claimed(run), reason=reason, told="")
        clock.goes(milliseconds=1)

    one = of("early")
    assert (one.failure.reason, one.failure.at) == ("Out of memory.", clock.now - timedelta(seconds=1.002))
    assert (one.put_back.reason, one.put_back.runs) == ("The server refused the connection.", 2)
    assert one.ended.failed == 2
    clock.goes(days=1)
    assert of("early").failure is None


def test_a_retired_variant_is_told_of_while_something_waits_for_it(campaign: Campaign) -> None:
    sampled_turn(campaign)
    variant = Variant.objects.get(name="early")
    variants.retire(variant=variant, by=None)
    assert of("early").waiting.live == 1
    SamplingRun.objects.all().delete()
    assert [one.variant.name for one in standing.standings()] == ["late"]
