from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.workers.engines.helpers import answered, ask
from workers.engines import load_engine
from workers.engines.base import EngineError
from workers.engines.replay import ReplayEngine

WHY = [{"role": "user", "content": "Why?"}]


def written(tmp_path: Path, *lines: dict[str, Any]) -> str:
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_the_line_that_fits_best_answers(tmp_path: Path) -> None:
    location = written(
        tmp_path,
        {"text": "For anybody, even."},
        {"text": "For anybody, odd."},
        {"text": "Why, whatever asked."},
        {"text": "To why.", "messages": WHY},
        {"text": "To why at seed 5.", "messages": WHY, "params": {"seed": 5}},
        {"text": "To why at seed 6, hot.", "messages": WHY, "params": {"seed": 6, "temperature": 1.0}},
    )
    requests = [ask("Why?", seed=5), ask("Why?", seed=6), ask("Why?", seed=6, temperature=1.0), ask("How?", seed=7)]
    found = [answered(result).text for result in ReplayEngine(location).generate(requests)]
    assert found == ["To why at seed 5.", "To why.", "To why at seed 6, hot.", "For anybody, odd."]


def test_what_was_not_recorded_fails_alone(tmp_path: Path) -> None:
    engine = load_engine("replay", written(tmp_path, {"text": "To why.", "messages": WHY}))
    first, second = engine.generate([ask("How?"), ask("Why?")])
    assert str(first) == "No answer to this dialogue was recorded."
    assert answered(second).text == "To why."


def test_the_record_says_how_long_an_answer_was_and_how_it_ended(tmp_path: Path) -> None:
    counted = {"text": "One two.", "prompt_tokens": 3, "completion_tokens": 9, "finish_reason": "length"}
    location = written(tmp_path, {"text": "One two."}, counted)
    plain, told = (answered(result) for result in ReplayEngine(location).generate([ask("", seed=0), ask("", seed=1)]))
    assert (plain.prompt_tokens, plain.completion_tokens, plain.finish_reason) == (0, 2, "stop")
    assert (told.prompt_tokens, told.completion_tokens, told.finish_reason) == (3, 9, "length")


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    location = written(tmp_path, {"text": "Hello."})
    assert ReplayEngine(location).info.weights_hash == hashlib.sha256(Path(location).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "Line 1 of .* is not JSON"),
        (b"\xff", "Line 1 of .* is not JSON"),
        (b'{"text": "a"}\n[]', "Line 2 of .* holds no text"),
        (b'{"text": 7}', "Line 1 of .* holds no text"),
        (b'{"text": "a", "params": 7}', "names parameters that are no object"),
    ],
    ids=["cut off", "no text at all", "list", "number", "parameters"],
)
def test_a_line_that_records_nothing_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=words):
        ReplayEngine(str(path))


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        ReplayEngine(str(tmp_path / "none.jsonl"))


def test_a_chat_template_has_nothing_to_do_here(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="leave the variant's empty"):
        ReplayEngine(written(tmp_path, {"text": "Hello."}), chat_template="{{ messages }}")
