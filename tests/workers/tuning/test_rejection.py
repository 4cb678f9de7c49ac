from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preferences.choices import Track
from tests.workers.tuning.made import QUESTIONS, begun, lines, order, prompts
from workers.engines.base import Completion, EngineError, Request
from workers.engines.tiny import TinyEngine
from workers.rewards import scoring
from workers.rewards.errors import RewardError
from workers.tuning import folders, rejection
from workers.tuning.candidates import CANDIDATES, Candidate, Speaker

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are not ours

Rows = list[dict[str, Any]]


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every request that an engine got."""
    requests: list[Request] = []
    generate = TinyEngine.generate

    def noted(engine: TinyEngine, wanted: Sequence[Request]) -> list[Completion | EngineError]:
        requests.extend(wanted)
        return generate(engine, wanted)

    monkeypatch.setattr(TinyEngine, "generate", noted)
    return requests


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt at a time, so that there is something to interrupt."""
    monkeypatch.setattr(rejection, "AT_ONCE", 3)


def helpful(rewards: dict[str, str]) -> list[str]:
    return [rewards[Track.HELPFULNESS]]


def test_the_best_answer_of_each_prompt_becomes_a_row_to_train_on(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    out = tmp_path / "set"
    manifest = rejection.run(begun(out, order([speaker], helpful(rewards)), asked), out)
    train, candidates = lines(out / folders.TRAIN), lines(out / CANDIDATES)
    assert [row["prompt"][0]["content"] for row in train] == list(QUESTIONS)
    scorer = scoring.load(rewards[Track.HELPFULNESS])
    for row in train:
        own = [one for one in candidates if one["prompt_key"] == row["prompt_key"]]
        texts = [one["text"] for one in own]
        scores = scoring.score(scorer, [(row["prompt"], text) for text in texts])
        assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
        assert row["completion"] == [{"role": "assistant", "content": texts[0]}]
        assert [one["rank"] for one in own] == list(range(1, len(own) + 1)) and row["candidates"] == len(own)
        assert row["reward"] == own[0]["reward"] and 0 < row["reward"] < 1
    assert (manifest["prompts"], manifest["candidates"]) == (4, len(candidates))
    assert len(candidates) + manifest["empty"] == 12


def test_a_row_says_where_it_comes_from_and_the_manifest_what_made_it(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    out = tmp_path / "set"
    manifest = rejection.run(begun(out, order([speaker], helpful(rewards)), asked), out)
    weights = hashlib.sha256((Path(speaker.location) / "model.safetensors").read_bytes()).hexdigest()
    row = lines(out / folders.TRAIN)[0]
    assert (row["variant"], row["weights_sha256"], row["temperature"], row["round"]) == ("RLHF-V1", weights, 1.0, 1)
    assert manifest == json.loads((out / folders.MANIFEST).read_text())
    assert manifest["speakers"][0]["weights_sha256"] == weights and manifest["seed"] == 7
    assert manifest["rewards"][0]["location"] == rewards[Track.HELPFULNESS] and manifest["left_out"] == {"held_out": 1}
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
        assert file.get("rows") == (None if name == "README.md" else len(lines(out / name)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set"]  # nothing is left of the work


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("steps", [1, 3, 5, 6])
def test_a_killed_run_goes_on_without_asking_for_anything_twice(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows, asked_for: list[Request], steps: int
) -> None:
    content = order([speaker], helpful(rewards))
    whole = tmp_path / "whole"
    rejection.run(begun(whole, content, asked), whole)
    requests = len(asked_for)
    assert requests == 12
    left = steps

    def die(progress: dict[str, Any]) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt

    out = tmp_path / "set"
    with pytest.raises(KeyboardInterrupt):
        rejection.run(begun(out, content, asked), out, tell=die)
    assert not out.exists()
    rejection.run(begun(out, content, asked), out)
    assert len(asked_for) == 2 * requests
    for name in (folders.TRAIN, CANDIDATES):
        assert (out / name).read_bytes() == (whole / name).read_bytes()


def test_what_a_kill_tore_off_in_the_middle_of_a_line_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b'{"a":1}\n{"a":2}\n{"a"')
    found = folders.Lines(path)
    found.add([{"a": 3}])
    assert found.written == 3 and [row["a"] for row in lines(path)] == [1, 2, 3]


def test_candidates_of_earlier_rounds_count_and_are_not_sampled_again(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows, asked_for: list[Request]
) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    rejection.run(begun(first, order([speaker], helpful(rewards)), asked), first)
    assert len(asked_for) == 12
    more = order([speaker], helpful(rewards), answers=5, earlier=[str(first)])
    rejection.run(begun(second, more, asked), second)
    assert len(asked_for) == 12 + 2 * 4  # the two that the first round did not ask for
    newer = replace(speaker, variant="RLHF-V2", temperature=0.5)
    both = order([newer], helpful(rewards), earlier=[str(first), str(second)])
    manifest = rejection.run(begun(third, both, asked), third)
    candidates = lines(third / CANDIDATES)
    assert {one["round"] for one in candidates} == {1, 2, 3} and manifest["round"] == 3
    assert len({(one["prompt_key"], Candidate.of(one).key) for one in candidates}) == len(candidates)
    before = {(one["prompt_key"], one["text"]) for one in lines(second / CANDIDATES)}
    assert before <= {(one["prompt_key"], one["text"]) for one in candidates}
    for old, new in zip(lines(second / folders.TRAIN), lines(third / folders.TRAIN), strict=True):
        assert new["reward"] >= old["reward"]


def test_an_earlier_candidate_that_is_still_the_best_stays_the_gold_answer() -> None:
    def candidate(round: int, seed: int, tokens: int = 5) -> Candidate:
        return Candidate(
            text="so", variant="v", weights_sha256="", temperature=1.0, top_p=1.0, seed=seed, max_tokens=9,
            system_prompt="", round=round, finish_reason="stop", tokens=tokens,
        )  # fmt: skip

    found = rejection.ranked(
        [candidate(1, 1), candidate(2, 2), candidate(2, 3, 4), candidate(1, 4)], [0.9, 0.5, 0.5, None]
    )
    assert [(one["round"], one["seed"], one["rank"]) for one in found["candidates"]] == [
        (1, 1, 1),
        (2, 3, 2),
        (2, 2, 3),
    ]
    assert found["too_long"] == 1


def test_another_order_does_not_go_on_with_what_was_begun(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    out = tmp_path / "set"
    work = begun(out, order([speaker], helpful(rewards)), asked)
    with pytest.raises(RewardError, match="other settings or prompts; it was kept"):
        begun(out, order([speaker], helpful(rewards), answers=4), asked)
    with pytest.raises(RewardError, match="other settings or prompts"):
        begun(out, order([speaker], helpful(rewards)), prompts(QUESTIONS[:2]))
    assert begun(out, order([speaker], helpful(rewards)), asked) == work
    with folders.alone(work), pytest.raises(RewardError, match="Another process works"):
        rejection.run(work, out)
    out.mkdir()
    with pytest.raises(RewardError, match="never written over"):
        begun(out, order([speaker], helpful(rewards)), asked)


def test_weights_that_nobody_registered_answer_nothing(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    out = tmp_path / "set"
    strange = replace(speaker, weights_sha256="0" * 64)
    with pytest.raises(EngineError, match="not those that it was registered with"):
        rejection.run(begun(out, order([strange], helpful(rewards)), asked), out)


def test_an_earlier_set_that_was_changed_is_not_believed(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    rejection.run(begun(first, order([speaker], helpful(rewards)), asked), first)
    with (first / CANDIDATES).open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RewardError, match="changed or lost"):
        rejection.run(begun(second, order([speaker], helpful(rewards), earlier=[str(first)]), asked), second)


def test_the_system_prompt_that_an_answer_was_sampled_with_is_trained_on(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows
) -> None:
    out = tmp_path / "set"
    polite = replace(speaker, system_prompt="Be polite.")
    rejection.run(begun(out, order([polite], helpful(rewards)), asked), out)
    assert [message["role"] for message in lines(out / folders.TRAIN)[0]["prompt"]] == ["system", "user"]
    assert lines(out / folders.TRAIN)[0]["prompt"][0]["content"] == "Be polite."


def test_a_dialogue_that_the_model_cannot_read_is_told_of_and_left_out(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str]
) -> None:
    out = tmp_path / "set"
    asked = prompts([*QUESTIONS[:1], "why " * 400])
    manifest = rejection.run(begun(out, order([speaker], helpful(rewards)), asked), out)
    assert (manifest["failed"], manifest["without_candidates"]) == (3, 1)
    assert "this model can read" in manifest["reasons"][0]
    assert len(lines(out / folders.TRAIN)) == 1


def test_an_engine_that_is_away_loses_no_prompt(
    tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, content = tmp_path / "set", order([speaker], helpful(rewards))
    with monkeypatch.context() as away, pytest.raises(EngineError, match="Not one of 12 requests"):
        away.setattr(TinyEngine, "generate", lambda engine, wanted: [EngineError("No server.") for _ in wanted])
        rejection.run(begun(out, content, asked), out)
    assert rejection.run(begun(out, content, asked), out)["failed"] == 0
    assert len(lines(out / folders.TRAIN)) == len(QUESTIONS)
