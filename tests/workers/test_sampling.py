"""The worker's loop, with an engine that says what the test wants."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import Counter

import pytest
from django.db import OperationalError

from preferences import origin
from preferences.models import Comparison, Response, Turn, Variant
from preferences.text import RESPONSE_LIMIT
from tests.workers.helpers import drain_both, lose_leases, planned_campaign, question, sampled_turn, script
from workers import actions, leases, sampling
from workers.engines.base import EngineError, PromptTooLong, Request
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def test_it_samples_everything_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    loaded = script(monkeypatch, lambda location, request: f"{location}: {question(request)}")
    Variant.objects.update(batch_size=4)
    turns = [sampled_turn(campaign)[0] for _ in range(10)]

    assert drain_both() == 2 * len(turns)

    assert sorted(loaded) == ["early", "late"]
    assert Comparison.objects.count() == len(turns)
    assert set(Turn.objects.values_list("status", flat=True)) == {"ready"}
    for response in Response.objects.select_related("variant", "turn__prompt"):
        assert response.text == f"{response.variant.name}: {response.turn.prompt.text}"
    assert drain_both() == 0


def test_the_log_tells_which_request_wanted_each_response_whoever_called_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    campaign, told = planned_campaign(), []
    script(monkeypatch, lambda location, request: f"{location}: {question(request)}")
    for request_id in ("the-first-request", "the-second-request"):
        with origin.coming(request_id=request_id, door="web"):
            sampled_turn(campaign)

    def keep(record: logging.LogRecord) -> bool:
        told.append((origin.current.get().request_id, getattr(record, "call", None)))
        return True

    with caplog.at_level(logging.INFO), origin.coming(request_id="of-the-scheduler", door="task workers.tasks.sample"):
        caplog.handler.addFilter(keep)
        drain_both()
        caplog.handler.removeFilter(keep)
    lines = Counter(request_id for request_id, call in told if call == "of-the-scheduler")
    assert lines == {"the-first-request": 2, "the-second-request": 2}


def test_it_asks_with_the_variants_settings_and_each_runs_own_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign(late={"system_prompt": "Be brief.", "max_prompt_tokens": 90})
    asked: list[tuple[str, Request]] = []

    def say(location: str, request: Request) -> str:
        asked.append((location, request))
        return location

    script(monkeypatch, say)
    _, *runs = sampled_turn(campaign, text="Why?")

    drain_both()

    requests = dict(asked)
    assert [message["role"] for message in requests["early"].messages] == ["user"]
    assert [dict(message) for message in requests["late"].messages] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]
    for run in runs:
        params = requests[run.variant.name].params
        assert (params.temperature, params.top_p, params.max_tokens) == (run.temperature, 0.9, 40)
        assert params.seed == run.seed
    assert {location: request.params.max_prompt_tokens for location, request in asked} == {"early": None, "late": 90}
    assert Response.objects.get(variant__name="late").system_prompt == "Be brief."


def test_it_fails_only_the_run_that_the_engine_could_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    long, *_ = sampled_turn(campaign, text="too long")
    others = [sampled_turn(campaign)[0] for _ in range(3)]
    script(
        monkeypatch,
        lambda location, request: (
            PromptTooLong("This dialogue is too long.") if question(request) == "too long" else location
        ),
    )

    drain_both()

    long.refresh_from_db()
    assert long.status == "failed"
    assert long.failure == "This dialogue is too long for the models."
    assert Comparison.objects.filter(turn__in=others).count() == 3


def test_it_fails_its_runs_with_a_sentence_where_the_engine_cannot_be_loaded_for_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn, *_ = sampled_turn(planned_campaign())

    def load(name: str, location: str, **settings: object) -> None:
        raise EngineError(f"There is no model at {location}.")

    monkeypatch.setattr(sampling, "_engines", {})
    monkeypatch.setattr(sampling, "load_engine", load)

    for _ in range(actions.MOST_SETBACKS):
        turn.refresh_from_db()
        assert turn.status == "sampling"
        assert drain_both() == 0
        SamplingRun.objects.update(not_before=None)  # the pause is over

    turn.refresh_from_db()
    # The manager reads which model is where, the annotator does not.
    assert turn.failure == "The models could not answer."
    assert all(run.reason.startswith("There is no model at ") for run in SamplingRun.objects.all())
    assert set(SamplingRun.objects.values_list("status", flat=True)) == {"failed"}


def test_it_samples_equal_texts_again_until_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, *_ = sampled_turn(planned_campaign())
    calls: Counter[str] = Counter()

    def say(location: str, request: Request) -> str:
        calls[location] += 1
        return "Same." if calls[location] < 3 else f"Different, with seed {request.params.seed}."

    script(monkeypatch, say)

    drain_both()

    assert calls == {"early": 1, "late": 3}
    late = turn.sampling_runs.get(variant__name="late")
    assert late.response is not None
    assert late.response.text == f"Different, with seed {late.seed + 2}."
    assert Comparison.objects.get().turn == turn


def test_it_refuses_a_result_whose_lease_was_lost_meanwhile(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turn, *_ = sampled_turn(planned_campaign())
    early = Variant.objects.get(name="early")

    def say(location: str, request: Request) -> str:
        lose_leases()
        actions.claim(variant=early, limit=1)
        return "Late."

    script(monkeypatch, say)

    sampling.drain(early)

    assert not turn.responses.exists()
    assert turn.sampling_runs.get(variant=early).status == "running"
    assert "its late result is refused" in caplog.text


def test_it_fails_a_run_whose_text_is_too_long_and_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    endless, *_ = sampled_turn(campaign, text="endless")
    other, *_ = sampled_turn(campaign)
    script(
        monkeypatch,
        lambda location, request: "x" * (RESPONSE_LIMIT + 1) if question(request) == "endless" else location,
    )

    drain_both()

    assert Comparison.objects.get().turn == other
    endless.refresh_from_db()
    assert endless.status == "failed"
    assert endless.failure == "The model returned more text than anybody could read."


def test_it_fails_the_run_that_kills_workers_and_not_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    poison, *_ = sampled_turn(campaign, text="poison")
    others = [sampled_turn(campaign)[0] for _ in range(3)]

    class Killed(BaseException):
        """Stands for a signal: nothing of the worker runs after it."""

    def say(location: str, request: Request) -> str:
        if question(request) == "poison":
            raise Killed
        return location

    script(monkeypatch, say)

    for _ in range(60):
        lose_leases()
        for variant in Variant.objects.all():
            try:
                sampling.drain(variant)
            except Killed:
                continue

    poison.refresh_from_db()
    assert poison.status == "failed"
    assert [Turn.objects.get(pk=turn.pk).status for turn in others] == ["ready"] * 3


def test_it_renews_the_lease_while_the_engine_works(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled_turn(planned_campaign())
    renewed = threading.Event()
    holders: set[uuid.UUID] = set()

    def renew(*, holder: uuid.UUID) -> int:
        holders.add(holder)
        renewed.set()
        return 1

    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(actions, "renew", renew)
    held: set[uuid.UUID | None] = set()

    def say(location: str, request: Request) -> str:
        held.update(SamplingRun.objects.filter(status="running").values_list("holder", flat=True))
        assert renewed.wait(30)
        return location

    script(monkeypatch, say)

    sampling.drain(Variant.objects.get(name="early"))

    assert holders == held


def test_it_goes_on_renewing_after_the_database_was_away_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled_turn(planned_campaign())
    calls: Counter[str] = Counter()
    again = threading.Event()

    def renew(*, holder: uuid.UUID) -> int:
        calls["renew"] += 1
        if calls["renew"] == 1:
            raise OperationalError("server closed the connection unexpectedly")
        again.set()
        return 1

    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(actions, "renew", renew)
    came_back: list[bool] = []

    def say(location: str, request: Request) -> str:
        came_back.append(again.wait(2))
        return location

    script(monkeypatch, say)

    sampling.drain(Variant.objects.get(name="early"))

    assert came_back == [True]
