"""Claim, lease, record, fail, retry: one worker after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from preferences.models import Comparison, Event, Response
from tests import factories
from tests.workers.helpers import ENGINE, answer, claimed, completion, lose_leases, planned_campaign, sampled_turn
from workers import actions, recording
from workers.actions import MOST_ATTEMPTS, MOST_SAMPLES
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def test_it_claims_the_oldest_runs_of_its_variant_first() -> None:
    campaign = planned_campaign()
    runs = [run for _ in range(5) for run in sampled_turn(campaign)[1:] if run.variant.name == "early"]

    holder, got = actions.claim(variant=runs[0].variant, limit=3)

    assert got == runs[:3]
    assert {(run.status, run.holder, run.attempts) for run in got} == {("running", holder, 1)}
    assert actions.claim(variant=runs[0].variant, limit=9)[1] == runs[3:]


def test_it_opens_one_comparison_with_the_campaigns_slots_once_both_texts_are_there() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign(raters_per_item=3))

    assert answer(run_b, "Second.")
    assert not Comparison.objects.exists()
    assert answer(run_a, "First.")

    pair = Comparison.objects.get()
    assert (pair.turn, pair.response_a.text, pair.response_b.text) == (turn, "First.", "Second.")
    assert (pair.response_a.variant, pair.response_b.variant) == (run_a.variant, run_b.variant)
    assert pair.slots.count() == 3
    turn.refresh_from_db()
    assert turn.status == "ready"


def test_it_stores_with_a_response_how_it_was_made() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())

    recording.record(run=run_a, holder=claimed(run_a), completion=completion("First.", seed=321), engine=ENGINE)

    made = Response.objects.get()
    assert (made.variant, made.seed, made.temperature, made.top_p) == (run_a.variant, 321, 0.4, 0.9)
    assert (made.prompt_tokens, made.completion_tokens, made.finish_reason, made.latency_ms) == (5, 7, "stop", 11)
    assert (made.engine, made.engine_version, made.weights_hash) == ("scripted", "7", "f" * 64)


def test_it_stores_with_a_response_what_the_engine_could_not_confirm() -> None:
    _, run_a, run_b = sampled_turn(planned_campaign())
    doubtful = replace(completion("First."), unconfirmed=("seed", "top_p"), remarks=("Equal for two seeds.\x00",))
    served = replace(ENGINE, weights_hash="", revision="rlhf-v3, fp_1\x00" + "x" * 300)

    recording.record(run=run_a, holder=claimed(run_a), completion=doubtful, engine=served)
    recording.record(run=run_b, holder=claimed(run_b), completion=completion("Second."), engine=ENGINE)

    made, sure = Response.objects.order_by("pk")
    assert (made.unconfirmed, made.remarks) == (["seed", "top_p"], ["Equal for two seeds.\ufffd"])
    assert made.revision == "rlhf-v3, fp_1\ufffd" + "x" * 186
    assert (sure.unconfirmed, sure.remarks, sure.revision) == (None, None, "")


def test_it_stores_nothing_of_a_result_that_is_sent_twice() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    holder = claimed(run_a)

    said = [
        recording.record(run=run_a, holder=holder, completion=completion(text), engine=ENGINE)
        for text in ("One.", "Two.")
    ]

    assert said == [True, False]
    assert [response.text for response in Response.objects.all()] == ["One."]


def test_it_lets_another_worker_take_over_a_lost_run_and_refuses_the_late_result() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    answer(run_b, "Second.")
    first = claimed(run_a)
    assert actions.claim(variant=run_a.variant, limit=1)[1] == []
    lose_leases()

    second = claimed(run_a)

    assert not recording.record(run=run_a, holder=first, completion=completion("Late."), engine=ENGINE)
    assert not recording.fail(run=run_a, holder=first, reason="Late.")
    assert recording.record(run=run_a, holder=second, completion=completion("First."), engine=ENGINE)
    assert not recording.record(run=run_a, holder=first, completion=completion("Later."), engine=ENGINE)
    assert Comparison.objects.get().response_a.text == "First."
    assert sorted(response.text for response in turn.responses.all()) == ["First.", "Second."]


def test_it_keeps_a_run_whose_lease_is_renewed() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    holder = claimed(run_a)
    lose_leases()

    assert actions.renew(holder=holder) == 1

    assert SamplingRun.objects.filter(pk=run_a.pk, leased_until__gt=timezone.now()).exists()
    assert actions.claim(variant=run_a.variant, limit=1)[1] == []


def test_it_tells_a_worker_by_renewing_that_it_holds_nothing_any_more() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    lost = claimed(run_a)
    lose_leases()
    claimed(run_a)

    assert actions.renew(holder=lost) == 0


def test_it_names_the_variants_with_runs_that_nobody_holds() -> None:
    _, run_a, run_b = sampled_turn(planned_campaign())
    assert set(actions.waiting_variants()) == {run_a.variant_id, run_b.variant_id}

    claimed(run_a)
    assert list(actions.waiting_variants()) == [run_b.variant_id]

    lose_leases()
    assert set(actions.waiting_variants()) == {run_a.variant_id, run_b.variant_id}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Same.", "The two models returned the same answer, so there was nothing to compare."),
        (" Same.\n", "The two models returned the same answer, so there was nothing to compare."),
        ("", "The model returned an empty answer."),
        (" \n\t", "The model returned an empty answer."),
    ],
)
def test_it_samples_an_unusable_text_again_with_another_seed_and_then_fails_with_a_sentence(
    text: str, sentence: str
) -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    answer(run_b, "Same.")

    seeds = []
    for _ in range(MOST_SAMPLES):
        seeds.append(SamplingRun.objects.get(pk=run_a.pk).sample_seed)
        assert answer(run_a, text)

    assert len(set(seeds)) == MOST_SAMPLES
    run_a.refresh_from_db()
    assert (run_a.status, run_a.reason) == ("failed", sentence)
    turn.refresh_from_db()
    assert (turn.status, turn.failure) == (
        "failed",
        sentence,
    )
    assert Response.objects.count() == 1
    assert not Comparison.objects.exists()


def test_it_takes_the_second_sample_where_only_the_first_was_equal() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    answer(run_b, "Same.")

    answer(run_a, "Same.")
    answer(run_a, "Different.")

    turn.refresh_from_db()
    assert turn.status == "ready"
    run_a.refresh_from_db()
    assert (run_a.status, run_a.samples, run_a.reason) == ("done", 1, "")


def test_it_fails_a_run_that_kills_its_workers_with_a_reason() -> None:
    turn, run_a, _ = sampled_turn(planned_campaign())
    for _ in range(MOST_ATTEMPTS):
        claimed(run_a)
        lose_leases()

    assert actions.claim(variant=run_a.variant, limit=1)[1] == []

    run_a.refresh_from_db()
    assert (run_a.status, run_a.reason) == ("failed", "The model stopped without an answer several times.")
    turn.refresh_from_db()
    assert turn.failure == "The model stopped without an answer several times."
    assert Event.objects.filter(verb="turn.failed").count() == 1


def test_it_gives_a_run_its_attempts_anew_once_a_text_came_back() -> None:
    _, run_a, _ = sampled_turn(planned_campaign())
    for _ in range(MOST_ATTEMPTS - 1):
        claimed(run_a)
        lose_leases()
    answer(run_a, "")

    for _ in range(MOST_ATTEMPTS):
        claimed(run_a)
        lose_leases()


def test_it_samples_a_failed_turn_again_when_asked_to() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    answer(run_b, "Same.")
    for _ in range(MOST_SAMPLES):
        answer(run_a, "Same.")
    used = {run_a.seed + n for n in range(MOST_SAMPLES)}

    actions.retry(turn=turn, by=None)

    turn.refresh_from_db()
    assert (turn.status, turn.failure) == ("sampling", "")
    run_a.refresh_from_db()
    assert (run_a.status, run_a.attempts, run_a.samples, run_a.reason) == ("pending", 0, 0, "")
    assert run_a.sample_seed not in used
    answer(run_a, "Different.")
    assert Comparison.objects.get().response_a.text == "Different."


def test_it_uses_what_the_other_run_brought_while_the_turn_had_failed() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    recording.fail(run=run_a, holder=claimed(run_a), reason="The dialogue is too long.")
    answer(run_b, "Second.")
    assert not Comparison.objects.exists()

    actions.retry(turn=turn, by=None)
    answer(run_a, "First.")

    pair = Comparison.objects.get()
    assert (pair.response_a.text, pair.response_b.text) == ("First.", "Second.")


def test_it_refuses_to_retry_what_has_not_failed() -> None:
    turn, *_ = sampled_turn(planned_campaign())

    actions.retry(turn=turn, by=None)  # a second click
    assert not Event.objects.filter(verb="sampling.retried").exists()


@pytest.mark.parametrize("text", ["a\x00b", "a\udc80b"])
def test_it_stores_what_no_database_keeps_as_the_replacement_character(text: str) -> None:
    _, run_a, _ = sampled_turn(planned_campaign())

    answer(run_a, text)

    assert Response.objects.get().text == "a\ufffdb"


@pytest.mark.parametrize("text", ["a\x00b", "a\udc80b"])
def test_it_sees_that_two_texts_are_equal_as_they_are_stored(text: str) -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())
    answer(run_b, text)

    for _ in range(MOST_SAMPLES):
        assert answer(run_a, text)

    turn.refresh_from_db()
    assert turn.failure.startswith("The two models returned the same answer")


def test_where_responses_are_rated_each_of_the_two_opens_an_item_once_both_are_there() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign(**factories.RATING, raters_per_item=3))

    assert answer(run_b, "I will not help with that.")
    assert not Comparison.objects.exists()
    assert answer(run_a, "I will not help with that.")

    items = Comparison.objects.order_by("pk")
    assert [(item.turn, item.response_a.variant, item.response_b) for item in items] == [
        (turn, run_a.variant, None),
        (turn, run_b.variant, None),
    ]
    assert [item.slots.count() for item in items] == [3, 3]
