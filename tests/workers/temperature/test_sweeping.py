"""What is sampled and scored at each temperature: a scripted engine beside a real reward model of eight sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preferences.stats import self_bleu
from tests.workers.rewards import made
from workers.engines.base import Completion, EngineError, EngineInfo, Request
from workers.rewards.errors import RewardError
from workers.rewards.scoring import TOLERANCE, Scorer, score
from workers.temperature import sweeping
from workers.temperature.questions import CREATIVE, FACTUAL
from workers.temperature.sweeping import WORD, Order


class Scripted:
    """Says what a function of the request says."""

    info = EngineInfo(engine="scripted", engine_version="scripted 1", weights_hash="a" * 64)

    def __init__(self, say: Callable[[Request], str]) -> None:
        self.say, self.asked = say, list[Request]()
        self.at_once = list[int]()

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        self.asked.extend(requests)
        self.at_once.append(len(requests))
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Completion | EngineError:
        text = self.say(request)
        if text == "refuse":
            return EngineError("The dialogue is too long.\x00")
        params = request.params
        return Completion(
            text,
            5,
            len(text.split()),
            "length" if text.endswith("…") else "stop",
            1,
            params.seed,
            params.temperature,
            1.0,
        )


def rude_when_hot(request: Request) -> str:
    texts = made.BAD if request.params.temperature > 1 else made.GOOD
    return texts[request.params.seed % len(texts)]


def ordered(folder: Path, **changes: Any) -> Order:
    settings: dict[str, Any] = {
        "engine": "scripted",
        "location": "",
        "chat_template": "",
        "system_prompt": "",
        "max_tokens": 40,
        "max_prompt_tokens": 60,
        "top_p": 0.9,
        "reward_model": "",
        "grid": [0.5, 1.5],
        "prompts": made.QUESTIONS[:3],
        "answers": 6,
        "seed": 3,
        "results": str(folder),
    }
    return Order(**(settings | changes))


def swept(order: Order, engine: Scripted, scorer: Scorer) -> tuple[dict[float, dict[str, Any]], list[int]]:
    told: list[int] = []
    sweeping.sweep(order, engine, scorer, progress=told.append)
    found = [json.loads(path.read_text()) for path in Path(order.results).glob("*.json")]
    return {one["temperature"]: one for one in found}, told


def test_every_prompt_gets_its_answers_at_every_temperature_each_with_its_own_seed(
    tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "CHUNK", 50)
    engine = Scripted(rude_when_hot)
    found, told = swept(ordered(tmp_path, system_prompt="Be kind."), engine, scorer)
    assert sorted(found) == [0.5, 1.5]
    assert told == [50, 100, 138, 0] * 2  # three prompts and twenty questions, six answers each
    assert engine.at_once == [50, 50, 38] * 2
    cold, hot = engine.asked[:138], engine.asked[138:]
    assert {request.params.temperature for request in cold} == {0.5}
    assert len({request.params.seed for request in cold}) == 138
    assert [request.params.seed for request in hot] == [request.params.seed for request in cold]
    first = cold[0]
    assert [message["content"] for message in first.messages] == ["Be kind.", made.QUESTIONS[0]]
    assert (first.params.top_p, first.params.max_tokens, first.params.max_prompt_tokens) == (0.9, 40, 60)
    assert {request.messages[-1]["content"] for request in cold} == {*made.QUESTIONS[:3], *CREATIVE, *FACTUAL}


def test_rewards_are_the_sigmoid_of_the_reward_models_scores(tmp_path: Path, scorer: Scorer) -> None:
    engine = Scripted(rude_when_hot)
    found, _ = swept(ordered(tmp_path), engine, scorer)
    for temperature, one in found.items():
        asked = [request for request in engine.asked if request.params.temperature == temperature][:18]
        scores = score(
            scorer, [([{"role": "user", "content": r.messages[0]["content"]}], rude_when_hot(r)) for r in asked]
        )
        rewards = [reward for prompt in one["rewards"] for reward in prompt]
        expected = [1 / (1 + 2.718281828459045**-number) for number in scores]
        assert rewards == pytest.approx(expected, abs=TOLERANCE)
        assert one["lengths"][0] == [len(rude_when_hot(request).split()) for request in asked[:6]]
        assert (one["weights_hash"], one["engine_version"]) == ("a" * 64, "scripted 1")
    assert min(found[0.5]["rewards"][0]) > max(found[1.5]["rewards"][0])


def test_a_prompt_that_cannot_be_answered_or_read_is_left_out_and_said(tmp_path: Path, scorer: Scorer) -> None:
    def say(request: Request) -> str:
        question = request.messages[-1]["content"]
        if question == made.QUESTIONS[0]:
            return "refuse"
        return "word " * 200 + "…" if question == made.QUESTIONS[1] else made.GOOD[0]

    found, _ = swept(ordered(tmp_path, grid=[0.7]), Scripted(say), scorer)
    one = found[0.7]
    assert [rewards is None for rewards in one["rewards"]] == [True, True, False]
    assert [lengths is None for lengths in one["lengths"]] == [True, False, False]
    assert one["cut_off"] == 6
    assert one["remarks"] == ["The dialogue is too long.\ufffd"]  # PostgreSQL takes no NUL


def test_self_bleu_is_that_of_the_answers_to_each_question_and_of_at_most_25(tmp_path: Path, scorer: Scorer) -> None:
    def say(request: Request) -> str:
        if request.messages[-1]["content"] in FACTUAL:
            return "It is always the same, of course."
        return f"Answer {request.params.seed} has words that no other has."

    engine = Scripted(say)
    found, _ = swept(ordered(tmp_path, grid=[1.0], answers=30), engine, scorer)
    one = found[1.0]["self_bleu"]
    assert one["factual"] == pytest.approx([1.0] * 10)
    answers = [say(request) for request in engine.asked if request.messages[-1]["content"] == CREATIVE[0]]
    assert len(answers) == 25
    assert one["creative"][0] == pytest.approx(self_bleu([WORD.findall(answer) for answer in answers]))
    assert max(one["creative"]) < 0.9


def test_what_the_engine_finds_wrong_is_kept_once(tmp_path: Path, scorer: Scorer) -> None:
    class Doubtful(Scripted):
        def _answer(self, request: Request) -> Completion | EngineError:
            answer = super()._answer(request)
            assert isinstance(answer, Completion)
            return replace(answer, remarks=("Two seeds gave one text.",))

    found, _ = swept(ordered(tmp_path, grid=[1.0]), Doubtful(rude_when_hot), scorer)
    assert found[1.0]["remarks"] == ["Two seeds gave one text."]


def test_who_is_no_longer_waited_for_stops(tmp_path: Path, scorer: Scorer) -> None:
    def gone(answered: int) -> None:
        raise RewardError("gone")

    with pytest.raises(RewardError, match="gone"):
        sweeping.sweep(ordered(tmp_path), Scripted(rude_when_hot), scorer, progress=gone)
    assert not list(tmp_path.iterdir())
