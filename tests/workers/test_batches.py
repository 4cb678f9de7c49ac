"""The worker's batches: who comes first, what goes back, what fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from preferences.models import Comparison, Variant
from tests.workers.helpers import (
    ENGINE,
    ScriptedEngine,
    completion,
    drain_both,
    planned_campaign,
    question,
    sampled_turn,
    script,
)
from workers import actions, sampling
from workers.engines.base import Completion, EngineError, Request
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def test_a_batch_is_put_back_while_the_engine_is_away_and_sampled_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = planned_campaign()
    turns = [sampled_turn(campaign)[0] for _ in range(3)]
    away = [True]

    def load(name: str, location: str, **settings: object) -> ScriptedEngine:
        if away[0]:
            raise EngineError("The server at 127.0.0.1 refused the connection.")
        return ScriptedEngine(location, lambda location, request: location)

    monkeypatch.setattr(sampling, "_engines", {})
    monkeypatch.setattr(sampling, "load_engine", load)

    assert drain_both() == 0
    runs = SamplingRun.objects.all()
    assert {(run.status, run.setbacks, run.attempts) for run in runs} == {("pending", 1, 0)}
    assert {run.reason for run in runs} == {"The server at 127.0.0.1 refused the connection."}
    assert drain_both() == 0  # not yet
    assert set(SamplingRun.objects.values_list("setbacks", flat=True)) == {1}

    away[0] = False
    SamplingRun.objects.update(not_before=None)
    assert drain_both() == 6
    assert Comparison.objects.filter(turn__in=turns).count() == 3


def test_an_engine_that_breaks_is_loaded_anew_and_what_broke_it_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    poison, *_ = sampled_turn(campaign, text="poison")
    others = [sampled_turn(campaign)[0] for _ in range(3)]

    def say(location: str, request: Request) -> str:
        if question(request) == "poison" and location == "late":
            raise MemoryError("out of memory")
        return location

    loaded = script(monkeypatch, say)

    for _ in range(10):
        drain_both()

    assert loaded.count("late") == 1 + actions.MOST_ATTEMPTS
    poison.refresh_from_db()
    assert poison.failure == "The model stopped without an answer several times."
    assert poison.sampling_runs.get(status="failed").reason == "The engine stopped: MemoryError: out of memory"
    assert Comparison.objects.filter(turn__in=others).count() == 3


@pytest.mark.parametrize("raised", [EngineError, ValueError], ids=["as a whole", "by an accident"])
def test_what_an_engine_says_of_its_trouble_is_kept_whatever_stands_in_it(
    monkeypatch: pytest.MonkeyPatch, raised: type[Exception]
) -> None:
    turn, *_ = sampled_turn(planned_campaign())

    def say(location: str, request: Request) -> str:
        raise raised("half \ud800 and \x00 nothing")

    script(monkeypatch, say)

    assert drain_both() >= 0

    assert all(run.reason.endswith("half \ufffd and \ufffd nothing") for run in turn.sampling_runs.all())


def test_a_request_refused_with_words_that_nobody_can_store_fails_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, *_ = sampled_turn(planned_campaign())
    script(monkeypatch, lambda location, request: EngineError("no \x00"))

    drain_both()

    turn.refresh_from_db()
    assert (turn.status, turn.failure) == ("failed", "The models could not answer.")
    assert {run.reason for run in turn.sampling_runs.all()} == {"no \ufffd"}


def test_what_nobody_waits_for_waits_as_long_as_the_engine_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an engine that is away for a night fails every prompt of an imported set, one budget after the other."""
    campaign = planned_campaign()
    live, ahead = (sampled_turn(campaign)[0] for _ in range(2))
    ahead.sampling_runs.update(ahead=True)

    def say(location: str, request: Request) -> str:
        raise EngineError("The server refused the connection.")

    script(monkeypatch, say)
    for _ in range(actions.MOST_SETBACKS + 2):
        SamplingRun.objects.update(not_before=None)
        drain_both()

    assert {run.status for run in live.sampling_runs.all()} == {"failed"}
    assert {(run.status, run.setbacks) for run in ahead.sampling_runs.all()} == {("pending", actions.MOST_SETBACKS)}
    script(monkeypatch, lambda location, request: location)
    SamplingRun.objects.update(not_before=None)
    assert drain_both() == 2


def test_what_somebody_waits_for_comes_before_what_nobody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    Variant.objects.update(batch_size=2)
    for number in range(4):
        turn, *_ = sampled_turn(campaign, text=f"ahead {number}")
        turn.sampling_runs.update(ahead=True)
    for number in range(3):
        sampled_turn(campaign, text=f"live {number}")
    asked: list[str] = []

    def say(location: str, request: Request) -> str:
        asked.append(question(request))
        return location

    script(monkeypatch, say)
    early = Variant.objects.get(name="early")

    assert sampling.drain(early) == 6

    # The second batch was filled up, and the first that nobody waits for was the last before other variants' turn.
    assert asked == ["live 0", "live 1", "ahead 0", "live 2", "ahead 1", "ahead 2"]
    assert sampling.drain(early) == 1


def test_what_the_database_refuses_of_a_batch_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    odd, *_ = sampled_turn(campaign, text="odd")
    others = [sampled_turn(campaign)[0] for _ in range(3)]

    class Negative(ScriptedEngine):
        def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
            return [
                replace(completion(self.location), completion_tokens=-1 if question(request) == "odd" else 3)
                for request in requests
            ]

    monkeypatch.setattr(sampling, "_engines", {})
    monkeypatch.setattr(sampling, "load_engine", lambda name, location, **_settings: Negative(location, lambda *_: ""))

    drain_both()

    odd.refresh_from_db()
    assert (odd.status, odd.failure) == ("failed", "The models could not answer.")
    assert all("cannot be stored" in run.reason for run in odd.sampling_runs.all())
    assert Comparison.objects.filter(turn__in=others).count() == 3


def test_it_begins_no_batch_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    Variant.objects.update(batch_size=2)
    for _ in range(3):
        sampled_turn(campaign)
    script(monkeypatch, lambda location, request: location)
    early = Variant.objects.get(name="early")

    monkeypatch.setattr(sampling, "MOST_SECONDS", 0)
    assert sampling.drain(early) == 0
    monkeypatch.setattr(sampling, "MOST_SECONDS", 60)
    assert sampling.drain(early) == 3


def test_it_makes_room_for_a_model_that_does_not_fit_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    turns = [sampled_turn(campaign)[0] for _ in range(2)]
    held: dict[tuple[str, str], ScriptedEngine] = {}

    def load(name: str, location: str, **settings: object) -> ScriptedEngine:
        if held:
            raise EngineError("There is no room for it.")
        return ScriptedEngine(location, lambda location, request: location)

    monkeypatch.setattr(sampling, "_engines", held)
    monkeypatch.setattr(sampling, "load_engine", load)

    assert drain_both() == 4

    assert Comparison.objects.filter(turn__in=turns).count() == 2


def test_nothing_is_sampled_from_other_weights_than_were_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, *_ = sampled_turn(planned_campaign())
    Variant.objects.filter(name="early").update(weights_hash="a" * 64)
    Variant.objects.filter(name="late").update(weights_hash="f" * 64)  # those that the engine holds
    loaded = script(monkeypatch, lambda location, request: location)

    assert drain_both() == 1

    run = turn.sampling_runs.get(variant__name="early")
    assert run.reason == (
        "early holds other weights than early was registered with: sha256 ffffffffffff… instead of aaaaaaaaaaaa…. "
        "Nothing is sampled from them. Put the registered ones back, or register those as a variant of their own."
    )
    assert (run.status, run.setbacks) == ("pending", 1)

    monkeypatch.setattr(ScriptedEngine, "info", replace(ENGINE, weights_hash="a" * 64))
    SamplingRun.objects.update(not_before=None)
    assert drain_both() == 1
    assert loaded == ["early", "late", "early"]  # what is there now was looked at anew


@pytest.mark.parametrize(("registered", "found"), [("", "f" * 64), ("a" * 64, "")], ids=["not registered", "not seen"])
def test_weights_that_one_side_does_not_know_are_not_compared(
    monkeypatch: pytest.MonkeyPatch, registered: str, found: str
) -> None:
    sampled_turn(planned_campaign())
    Variant.objects.update(weights_hash=registered)
    script(monkeypatch, lambda location, request: location)
    monkeypatch.setattr(ScriptedEngine, "info", replace(ENGINE, weights_hash=found))

    assert drain_both() == 2
