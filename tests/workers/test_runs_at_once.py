"""Workers at once: each in a thread with its own connection."""

from __future__ import annotations

from functools import partial

import pytest

from preferences.models import Comparison, Event, Response
from tests.concurrency import at_once
from tests.workers.helpers import ENGINE, claimed, completion, lose_leases, planned_campaign, sampled_turn
from workers import actions, recording
from workers.actions import MOST_ATTEMPTS
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_gives_workers_that_claim_at_once_different_runs() -> None:
    campaign = planned_campaign()
    runs = [run for _ in range(20) for run in sampled_turn(campaign)[1:] if run.variant.name == "early"]

    got = at_once([partial(actions.claim, variant=runs[0].variant, limit=3)] * 8)

    taken = [run.pk for _, claimed_runs in got for run in claimed_runs]
    rest = [run.pk for run in actions.claim(variant=runs[0].variant, limit=20)[1]]
    assert sorted(taken + rest) == [run.pk for run in runs]
    assert len({holder for holder, _ in got}) == 8
    assert set(SamplingRun.objects.filter(pk__in=taken).values_list("attempts", flat=True)) == {1}


def test_it_gives_a_lost_run_to_one_of_the_workers_that_look() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    claimed(run_a)
    lose_leases()

    got = at_once([partial(actions.claim, variant=run_a.variant, limit=3)] * 8)

    assert [run for _, runs in got for run in runs] == [run_a]
    run_a.refresh_from_db()
    assert run_a.attempts == 2


def test_it_opens_one_comparison_when_both_texts_come_at_once() -> None:
    campaign = planned_campaign(raters_per_item=2)
    for _ in range(10):
        turn, run_a, run_b = sampled_turn(campaign)
        calls = [
            partial(recording.record, run=run, holder=claimed(run), completion=completion(run.position), engine=ENGINE)
            for run in (run_a, run_b)
        ]

        assert at_once(calls) == [True, True]

        pair = Comparison.objects.get(turn=turn)
        assert (pair.response_a.text, pair.response_b.text) == ("a", "b")
        assert pair.slots.count() == 2
    assert Event.objects.filter(verb="comparison.opened").count() == 10


def test_it_opens_no_comparison_of_equal_texts_that_come_at_once() -> None:
    campaign = planned_campaign()
    for _ in range(5):
        turn, run_a, run_b = sampled_turn(campaign)
        calls = [
            partial(recording.record, run=run, holder=claimed(run), completion=completion("Same."), engine=ENGINE)
            for run in (run_a, run_b)
        ]

        assert at_once(calls) == [True, True]

        assert sorted(turn.sampling_runs.values_list("status", flat=True)) == ["done", "pending"]
        SamplingRun.objects.filter(status="pending").delete()  # out of the next round's way
    assert not Comparison.objects.exists()


def test_it_stores_one_response_when_a_result_arrives_several_times_at_once() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    late = partial(recording.record, run=run_a, holder=claimed(run_a), completion=completion("First."), engine=ENGINE)

    got = at_once([late] * 6)

    assert sorted(got) == [False] * 5 + [True]
    assert Response.objects.count() == 1


def test_it_ends_in_one_way_when_a_late_result_meets_the_worker_that_gives_the_run_up() -> None:
    campaign = planned_campaign()
    for _ in range(8):
        turn, run_a, _ = sampled_turn(campaign)
        SamplingRun.objects.filter(turn=turn).exclude(pk=run_a.pk).delete()
        SamplingRun.objects.filter(pk=run_a.pk).update(attempts=MOST_ATTEMPTS - 1)
        holder = claimed(run_a)
        lose_leases()
        got = at_once(
            [
                partial(recording.fail, run=run_a, holder=holder, reason="Too late."),
                partial(actions.claim, variant=run_a.variant, limit=1),
            ]
        )
        assert [outcome for outcome in got if isinstance(outcome, Exception)] == []
        run_a.refresh_from_db()
        assert run_a.status == "failed"
        assert Event.objects.filter(verb="turn.failed", subject=f"turn:{turn.pk}").count() == 1
