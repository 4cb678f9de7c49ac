"""The probe, against engines that each do one thing wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from workers.engines.base import Completion, Engine, EngineError, EngineInfo, Request, SamplingParams
from workers.engines.probe import check, probe

INFO = EngineInfo(engine="pretended", engine_version="1", weights_hash="")


def written(params: SamplingParams, among: int) -> str:
    """Forty words that depend on the seed, and at temperature 0 on nothing."""
    draw = random.Random(params.seed if params.temperature else 0)
    return " ".join(draw.choices(["sea", "lamp", "wave", "gull", "letter"], k=params.max_tokens))


class Pretended:
    """An engine that writes by a rule, one token a word."""

    info = INFO

    def __init__(self, write: Callable[[SamplingParams, int], str] = written, *, stops: bool = True) -> None:
        self.write = write
        self.stops = stops

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        return [self._answer(request.params, len(requests)) for request in requests]

    def _answer(self, params: SamplingParams, among: int) -> Completion:
        text = self.write(params, among)
        if self.stops and params.stop:
            text = text.split(params.stop[0])[0]
        return Completion(text, 9, len(text.split()), "stop", 1, params.seed, params.temperature, params.top_p)


def test_an_engine_that_does_as_it_is_told_has_no_findings() -> None:
    health = probe(Pretended())
    assert health.usable
    assert (health.problems, health.warnings, health.info) == ((), (), INFO)
    assert len(health.sample.split()) == 32


def test_an_engine_that_samples_greedily_is_a_problem() -> None:
    health = probe(Pretended(lambda params, among: "the same words for anybody who asks"))
    assert not health.usable
    assert "4 seeds gave the same text at temperature 1" in health.problems[0]


def test_an_engine_with_random_numbers_of_its_own_is_warned_of() -> None:
    own = random.Random(1)
    health = probe(Pretended(lambda params, among: str(own.random())))
    assert not health.problems
    assert [warning.split(":")[0] for warning in health.warnings] == [
        "The same seed gave two different texts",
        "Temperature 0 gave two different texts",
    ]


def test_an_engine_whose_answers_depend_on_the_batch_is_warned_of() -> None:
    health = probe(Pretended(lambda params, among: f"{written(params, among)} {among}" if among > 1 else "alone."))
    assert health.warnings == (
        "The same seed gave another text among others than alone: an answer depends on what it is batched with.",
    )


def test_an_engine_that_ignores_stops_is_warned_of() -> None:
    health = probe(Pretended(stops=False))
    assert health.warnings == ("The engine did not stop at the text that it was told to stop at.",)


def test_an_engine_without_a_limit_of_tokens_is_a_problem() -> None:
    def endless(params: SamplingParams, among: int) -> str:
        return written(params, among) + " and on and on and on and on and on"

    health = probe(Pretended(endless))
    assert health.problems == (
        "The engine was asked for at most 4 tokens and gave 14: no limit on the length of an answer would hold.",
    )


def test_an_empty_answer_is_a_problem() -> None:
    health = probe(Pretended(lambda params, among: "" if among == 1 else written(params, among)))
    assert "The model returned an empty answer." in health.problems


def test_an_error_instead_of_an_answer_is_a_problem_with_its_sentence() -> None:
    class Refusing(Pretended):
        def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
            return [EngineError("The disk is full.") for _ in requests]

    assert probe(Refusing()).problems == ("The disk is full.",)


def test_what_an_engine_remarks_on_its_answers_is_a_warning_once() -> None:
    class Remarking(Pretended):
        def _answer(self, params: SamplingParams, among: int) -> Completion:
            text = written(params, among).split(params.stop[0])[0] if params.stop else written(params, among)
            return Completion(text, 9, len(text.split()), "stop", 1, 1, 1.0, 1.0, remarks=("Something looks wrong.",))

    assert probe(Remarking()).warnings == ("Something looks wrong.",)


def test_a_model_that_cannot_be_loaded_is_a_problem() -> None:
    def load() -> Engine:
        raise EngineError("There is no model here.")

    health = check(load)
    assert (health.usable, health.problems, health.info) == (False, ("There is no model here.",), None)


def test_a_model_that_can_be_loaded_is_probed() -> None:
    health = check(Pretended)
    assert health.usable
    assert health.seconds >= 0


@pytest.mark.parametrize("stop", [("",), ("a", ""), ("a", "b", "c", "d", "e")])
def test_empty_or_too_many_stops_are_refused(stop: tuple[str, ...]) -> None:
    with pytest.raises(EngineError, match="at most 4 texts to stop at"):
        SamplingParams(1.0, 1.0, 5, 1, stop=stop)


def test_a_dialogue_of_no_tokens_cannot_be_the_limit() -> None:
    with pytest.raises(EngineError, match="needs at least one token, not 0"):
        SamplingParams(1.0, 1.0, 5, 1, max_prompt_tokens=0)
