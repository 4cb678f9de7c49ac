from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.workers.tuning.made import QUESTIONS, begun, lines, prompts
from workers.engines.base import Completion, EngineError, Request
from workers.engines.tiny import TinyEngine
from workers.rewards.errors import RewardError
from workers.tuning import folders, ghost_attention, instructions
from workers.tuning.candidates import Speaker, prompt_key

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are not ours

Rows = list[dict[str, Any]]


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every request that an engine got; each is answered by its number."""
    requests: list[Request] = []

    def answered(engine: TinyEngine, wanted: Sequence[Request]) -> list[Completion | EngineError]:
        requests.extend(wanted)
        return [completion(f"answer {len(requests) - len(wanted) + place}") for place in range(len(wanted))]

    monkeypatch.setattr(TinyEngine, "generate", answered)
    return requests


def completion(text: str) -> Completion:
    return Completion(
        text, prompt_tokens=1, completion_tokens=1, finish_reason="stop", latency_ms=1, seed=1, temperature=1, top_p=1
    )


def order(speaker: Speaker, **changes: Any) -> dict[str, Any]:
    return {"speakers": [asdict(speaker)], "dialogues": 6, "turns": 3, "seed": 7, **changes}


def made(out: Path, content: dict[str, Any], rows: Rows, **options: Any) -> Rows:
    ghost_attention.run(begun(out, content, rows), out, **options)
    return lines(out / folders.TRAIN)


def test_the_instruction_is_before_every_user_message_while_sampling_and_before_the_first_one_after(
    tmp_path: Path, speaker: Speaker, asked: Rows, asked_for: list[Request]
) -> None:
    rows = made(tmp_path / "set", order(speaker), asked)
    assert len(rows) == 6 and len(asked_for) == 18
    for row in rows:
        (request,) = [one for one in asked_for if one.messages[-2:-1] and said_in(one, row)]
        users = [message["content"] for message in request.messages if message["role"] == "user"]
        assert len(users) == 3 and all(text.startswith(f"{row['asked']}\n") for text in users)
        kept = [message["content"] for message in row["prompt"] if message["role"] == "user"]
        assert kept[0] == f"{row['instruction']}\n{users[0].removeprefix(row['asked']).lstrip()}"
        assert [f"{row['asked']}\n{text}" for text in kept[1:]] == users[1:]
        assert set(kept[1:]) <= set(QUESTIONS)


def said_in(request: Request, row: dict[str, Any]) -> bool:
    """Whether this is the request for the row's last answer."""
    before = [message["content"] for message in row["prompt"] if message["role"] == "assistant"]
    return [message["content"] for message in request.messages if message["role"] == "assistant"] == before


def test_the_last_answer_is_the_completion_and_all_before_it_the_prompt(
    tmp_path: Path, speaker: Speaker, asked: Rows, asked_for: list[Request]
) -> None:
    for row in made(tmp_path / "set", order(speaker), asked):
        assert [message["role"] for message in row["prompt"]] == ["user", "assistant", "user", "assistant", "user"]
        assert [message["role"] for message in row["completion"]] == ["assistant"]


def test_half_of_the_instructions_are_shortened(
    tmp_path: Path, speaker: Speaker, asked: Rows, asked_for: list[Request]
) -> None:
    rows = made(tmp_path / "set", order(speaker, dialogues=400, turns=2), asked)
    short = [row for row in rows if row["instruction"] != row["asked"]]
    assert 0.4 < len(short) / len(rows) < 0.6
    figure = next(row for row in short if list(row["constraints"]) == ["figure"])
    assert figure["instruction"] == f"Figure: {figure['constraints']['figure']}."
    kinds = {tuple(row["constraints"]) for row in rows}
    assert len(kinds) == 7  # each alone, each two, all three


def test_each_list_is_long_and_has_nothing_twice() -> None:
    for values in instructions.LISTS.values():
        assert len(set(values)) == len(values) >= 30


def test_the_same_seed_gives_the_same_set_and_another_seed_another(
    tmp_path: Path, speaker: Speaker, asked: Rows
) -> None:
    first, again, other = (
        made(tmp_path / name, order(speaker, seed=seed, turns=2), asked)
        for name, seed in (("first", 7), ("again", 7), ("other", 8))
    )
    assert first == again != other
    assert instructions.draw(random.Random(3)) == instructions.draw(random.Random(3))


def test_a_killed_run_goes_on_with_the_next_dialogues(
    tmp_path: Path, speaker: Speaker, asked: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ghost_attention, "AT_ONCE", 2)
    content = order(speaker, turns=2)
    whole = made(tmp_path / "whole", content, asked)

    def die(progress: dict[str, Any]) -> None:
        if progress["step"] == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "set", content, asked, tell=die)
    told: list[int] = []
    assert made(tmp_path / "set", content, asked, tell=lambda progress: told.append(progress["step"])) == whole
    assert told == [6]


def test_a_dialogue_without_an_answer_goes_no_further_and_is_told_of(
    tmp_path: Path, speaker: Speaker, asked: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mostly(engine: TinyEngine, wanted: Sequence[Request]) -> list[Completion | EngineError]:
        return [completion(" "), EngineError("No room."), *(completion("so") for _ in wanted[2:])]

    monkeypatch.setattr(TinyEngine, "generate", mostly)
    out = tmp_path / "set"
    rows = made(out, order(speaker, dialogues=6, turns=2), asked)
    assert [row["dialogue"] for row in rows] == [4, 5]
    assert folders.manifest_of(out)["reasons"] == ["It answered nothing.", "No room."]


def test_a_message_that_ends_several_dialogues_is_asked_once_in_one(
    tmp_path: Path, speaker: Speaker, asked_for: list[Request]
) -> None:
    said = [{"role": "user", "content": "Go on."}]
    begun_otherwise = [
        [*row["messages"], {"role": "assistant", "content": "Yes."}, *said] for row in prompts(QUESTIONS)
    ]
    rows = [{"key": prompt_key(row), "messages": row, "is_safety": False} for row in begun_otherwise]
    for row in made(tmp_path / "set", order(speaker, turns=2), [*rows, *prompts(["Why?"])]):
        users = [message["content"].splitlines()[-1] for message in row["prompt"] if message["role"] == "user"]
        assert sorted(users) == ["Go on.", "Why?"]


def test_an_engine_that_is_away_stops_the_run_which_then_goes_on(
    tmp_path: Path, speaker: Speaker, asked: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ghost_attention, "AT_ONCE", 3)
    calls = iter([True, True, False, True, True])

    def broken(engine: TinyEngine, wanted: Sequence[Request]) -> list[Completion | EngineError]:
        is_there = next(calls)
        return [completion("so") if is_there else EngineError("No server answers.") for _ in wanted]

    monkeypatch.setattr(TinyEngine, "generate", broken)
    content = order(speaker, turns=2)
    with pytest.raises(EngineError, match="Not one of 3 requests was answered"):
        made(tmp_path / "set", content, asked)
    assert [row["dialogue"] for row in made(tmp_path / "set", content, asked)] == list(range(6))


def test_without_a_prompt_there_is_no_dialogue(tmp_path: Path, speaker: Speaker) -> None:
    with pytest.raises(RewardError, match="no prompt to make dialogues of"):
        made(tmp_path / "set", order(speaker), prompts([]))
