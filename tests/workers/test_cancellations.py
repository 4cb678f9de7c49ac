"""What was asked of the models is taken back, and asked for once more."""

from __future__ import annotations

from functools import partial

import pytest

from preferences.choices import SamplingStatus, TurnStatus
from preferences.errors import Conflict
from preferences.models import Campaign, Comparison, Event, Response, Turn
from tests.concurrency import at_once
from tests.workers.helpers import ENGINE, answer, claimed, completion, planned_campaign, sampled_turn
from workers import actions, cancellations, failures, recording
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def statuses() -> list[str]:
    return list(SamplingRun.objects.order_by("pk").values_list("status", flat=True))


def test_what_waits_and_what_a_worker_holds_is_taken_back_and_its_result_is_late() -> None:
    turn, run, _ = sampled_turn(planned_campaign())
    holder = claimed(run)
    cancellations.cancel(turn=turn, by=None)
    assert statuses() == [SamplingStatus.CANCELLED] * 2
    assert not recording.record(run=run, holder=holder, completion=completion("Late."), engine=ENGINE)
    assert not recording.fail(run=run, holder=holder, reason="It broke.")
    turn = Turn.objects.get()
    assert (turn.status, turn.failure) == (TurnStatus.FAILED, cancellations.CANCELLED)
    assert not Response.objects.exists() and not actions.waiting_variants()
    assert failures.causes(Campaign.objects.all()) == [], "nothing failed"


def test_taken_back_twice_it_is_taken_back_once() -> None:
    turn, _, _ = sampled_turn(planned_campaign())
    for _ in range(2):
        cancellations.cancel(turn=turn, by=None)
    assert Event.objects.filter(verb="sampling.cancelled").count() == 1


def test_where_the_other_failed_what_still_waits_is_taken_back_and_told() -> None:
    turn, first, _ = sampled_turn(planned_campaign())
    recording.fail(run=first, holder=claimed(first), reason="It broke.")
    cancellations.cancel(turn=turn, by=None)
    assert statuses() == [SamplingStatus.FAILED, SamplingStatus.CANCELLED]
    assert Turn.objects.get().failure == "It broke." and Event.objects.filter(verb="sampling.cancelled").count() == 1


def test_what_is_answered_already_stays_and_the_other_is_asked_for_once_more() -> None:
    turn, first, second = sampled_turn(planned_campaign())
    answer(first, "The first.")
    cancellations.cancel(turn=turn, by=None)
    assert statuses() == [SamplingStatus.DONE, SamplingStatus.CANCELLED]
    actions.retry(turn=turn, by=None)
    assert statuses() == [SamplingStatus.DONE, SamplingStatus.PENDING]
    answer(SamplingRun.objects.get(pk=second.pk), "The second.")
    assert Comparison.objects.count() == 1
    with pytest.raises(Conflict, match="answered already"):
        cancellations.cancel(turn=turn, by=None)


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_and_the_last_answer_at_once_end_in_one_of_the_two() -> None:
    turn, first, second = sampled_turn(planned_campaign())
    answer(first, "The first.")
    holder = claimed(second)
    stored, cancelled = at_once(
        [
            partial(recording.record, run=second, holder=holder, completion=completion("The second."), engine=ENGINE),
            partial(cancellations.cancel, turn=turn, by=None),
        ]
    )
    assert (stored is True and isinstance(cancelled, Conflict)) or (stored is False and cancelled is None)
    assert Comparison.objects.count() == (1 if stored else 0)
