"""Turns with their runs, and an engine that says what a test wants, without torch."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.utils import timezone

from preferences.actions import sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.models import Campaign, Turn, Variant
from tests.annotation.helpers import new_turn, open_campaign
from workers import actions, recording, sampling
from workers.engines.base import Completion, EngineError, EngineInfo, Request
from workers.models import SamplingRun

ENGINE = EngineInfo(engine="scripted", engine_version="7", weights_hash="f" * 64)


def planned_campaign(late: Mapping[str, Any] = MappingProxyType({}), **settings: Any) -> Campaign:
    """With one line in its sampling plan: “early” at 0.4 against “late”, of these settings, at 0.8."""
    campaign = open_campaign(**settings)
    first, second = (
        variants.register(name=name, engine="scripted", location=name, max_tokens=40, by=None, **told)
        for name, told in (("early", {}), ("late", late))
    )
    sampling_plans.add(
        campaign=campaign,
        first=first,
        second=second,
        terms=Terms(first_temperature=0.4, second_temperature=0.8, top_p=0.9),
        by=None,
    )
    return campaign


def sampled_turn(campaign: Campaign, text: str = "") -> tuple[Turn, SamplingRun, SamplingRun]:
    """A turn with its two waiting runs, that of position A first."""
    turn = new_turn(campaign, text=text)
    run_a, run_b = sorted(actions.request_pair(turn=turn, by=None), key=lambda run: run.position)
    return turn, run_a, run_b


def claimed(run: SamplingRun) -> uuid.UUID:
    """Claims the run, which must be its variant's only waiting one; returns the holder key."""
    holder, runs = actions.claim(variant=run.variant, limit=1)
    assert runs == [run]
    return holder


def completion(text: str, seed: int = 1) -> Completion:
    return Completion(
        text=text,
        prompt_tokens=5,
        completion_tokens=7,
        finish_reason="stop",
        latency_ms=11,
        seed=seed,
        temperature=0.4,
        top_p=0.9,
    )


def answer(run: SamplingRun, text: str) -> bool:
    """Claims the run and records this text."""
    return recording.record(run=run, holder=claimed(run), completion=completion(text), engine=ENGINE)


def lose_leases() -> None:
    """The workers that held runs died: their leases ran out a second ago."""
    SamplingRun.objects.filter(status="running").update(leased_until=timezone.now() - timedelta(seconds=1))


class ScriptedEngine:
    """Answers each request by a function of its location and the request."""

    info = ENGINE

    def __init__(self, location: str, say: Callable[[str, Request], str | EngineError]) -> None:
        self.location = location
        self.say = say

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        results: list[Completion | EngineError] = []
        for request in requests:
            said = self.say(self.location, request)
            results.append(said if isinstance(said, EngineError) else completion(said, request.params.seed))
        return results


def script(patch: pytest.MonkeyPatch, say: Callable[[str, Request], str | EngineError]) -> list[str]:
    """Lets every variant answer by `say(location, request)`; returns the list of the locations that were loaded."""
    loaded: list[str] = []

    def load(name: str, location: str, **settings: object) -> ScriptedEngine:
        loaded.append(location)
        return ScriptedEngine(location, say)

    patch.setattr(sampling, "_engines", {})
    patch.setattr(sampling, "_held_for", {})
    patch.setattr(sampling, "load_engine", load)
    return loaded


def drain_both() -> int:
    return sum(sampling.drain(variant) for variant in Variant.objects.order_by("name"))


def question(request: Request) -> str:
    return request.messages[-1]["content"]
