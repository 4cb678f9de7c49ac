"""A late result that waits for the very claim that takes its run away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from preferences.models import Response, Turn
from tests.concurrency import Beside
from tests.workers.helpers import ENGINE, claimed, completion, lose_leases, planned_campaign, sampled_turn
from workers import actions, recording
from workers.actions import MOST_ATTEMPTS
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db(transaction=True)

LATE: dict[str, Callable[..., Any]] = {
    "text": partial(recording.record, completion=completion("Too late."), engine=ENGINE),
    "empty text": partial(recording.record, completion=completion(""), engine=ENGINE),
    "failure": partial(recording.fail, reason="The model ran out of memory."),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_it_refuses_a_late_result_that_waited_for_the_next_workers_claim(late: Callable[..., Any]) -> None:
    turn, run, _ = sampled_turn(planned_campaign())
    lost = claimed(run)
    lose_leases()
    with transaction.atomic():
        taken_over = claimed(run)
        waiting = Beside(lambda: late(run=run, holder=lost))
    assert waiting.outcome() is False
    run.refresh_from_db()
    assert (run.status, run.holder, run.attempts) == ("running", taken_over, 2)
    assert not Response.objects.exists()
    assert Turn.objects.get(pk=turn.pk).failure == ""


def test_a_late_result_and_the_worker_that_gives_the_run_up_do_not_lock_each_other_out() -> None:
    turn, run, _ = sampled_turn(planned_campaign())
    lost = claimed(run)
    SamplingRun.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS)
    lose_leases()
    with transaction.atomic():
        Turn.objects.select_for_update(no_key=True).get(pk=turn.pk)
        late = Beside(lambda: recording.record(run=run, holder=lost, completion=completion("Late."), engine=ENGINE))
        giving_up = Beside(lambda: actions.claim(variant=run.variant, limit=1))
    outcomes = [giving_up.outcome(), late.outcome()]
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
