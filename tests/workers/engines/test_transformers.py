"""The transformers engine on a checkpoint of two layers, in float32 on the CPU."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.workers.engines.conftest import PAIRS
from tests.workers.engines.helpers import answered, ask
from workers.engines import load_engine, rows
from workers.engines.base import Completion, EngineError, InvalidRequest, PromptTooLong, Request
from workers.engines.probe import probe
from workers.engines.rows import Row, Voice
from workers.engines.tiny_training import TrainedPair
from workers.engines.transformers_engine import MOST_TOKENS, TransformersEngine, batches

SKY = PAIRS[0][1]


@pytest.fixture(scope="module")
def early32(checkpoints: TrainedPair) -> TransformersEngine:
    return TransformersEngine(str(checkpoints.early))


@pytest.fixture(scope="module")
def late32(checkpoints: TrainedPair) -> TransformersEngine:
    return TransformersEngine(str(checkpoints.late))


def mixed(count: int) -> list[Request]:
    """Requests that differ in everything: prompt, length, temperature, top-p, seed and room for the answer."""
    return [
        ask(
            " ".join(PAIRS[(i + j) % 6][0] for j in range(1 + i % 4)),
            temperature=[0.0, 0.6, 1.0, 1.5][i % 4],
            top_p=[1.0, 0.9, 0.5][i % 3],
            max_tokens=[20, 7, 12][i % 3],
            seed=i,
            system="Be kind." if i % 5 == 0 else "",
        )
        for i in range(count)
    ]


def test_a_request_has_the_same_logits_alone_and_among_thirty_two_to_the_last_bit(
    early32: TransformersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    choose = rows.choose

    def watched(logits: Tensor, temperature: Tensor, top_p: Tensor, draw: Tensor) -> Tensor:
        seen.extend(row.numpy().tobytes() for row in logits)
        return choose(logits, temperature, top_p, draw)

    monkeypatch.setattr(rows, "choose", watched)
    requests = mixed(32)
    together = [answered(result).text for result in early32.generate(requests)]
    among = sorted(seen)
    seen.clear()
    alone = [answered(early32.generate([request])[0]).text for request in requests]
    assert early32.voice.model.dtype == torch.float32
    assert together == alone
    assert among == sorted(seen)
    assert len(set(together)) > 20


def test_an_answer_ends_before_the_text_to_stop_at(late32: TransformersEngine) -> None:
    stopped = [
        answered(result)
        for result in late32.generate([ask(PAIRS[0][0], stop=stop) for stop in [(" by",), ("black", "day"), ("\n",)]])
    ]
    assert [completion.text for completion in stopped] == ["The sky is blue", "The sky is blue by", SKY]
    assert {completion.finish_reason for completion in stopped} == {"stop"}
    assert stopped[0].completion_tokens < stopped[1].completion_tokens < stopped[2].completion_tokens


def test_a_stop_in_the_middle_of_a_token_cuts_it(late32: TransformersEngine) -> None:
    assert answered(late32.generate([ask(PAIRS[0][0], stop=("ack and",))])[0]).text == SKY.split("ack and")[0]


def test_a_dialogue_longer_than_the_limit_of_its_request_is_refused(late32: TransformersEngine) -> None:
    tokens = len(late32.chat.encode(ask(PAIRS[0][0])))
    fits, too_long = late32.generate([ask(PAIRS[0][0], max_prompt_tokens=limit) for limit in (tokens, tokens - 1)])
    assert answered(fits).text == SKY
    assert isinstance(too_long, PromptTooLong)
    assert str(too_long) == f"The dialogue has {tokens} tokens, and at most {tokens - 1} are allowed."


def test_a_limit_beyond_the_context_gives_way_to_the_context(late32: TransformersEngine) -> None:
    (result,) = late32.generate([ask("fish " * 200, max_prompt_tokens=1000)])
    assert isinstance(result, PromptTooLong)
    assert "this model can read 88." in str(result)


def test_the_probe_finds_nothing_wrong_with_it(early32: TransformersEngine) -> None:
    health = probe(early32)
    assert (health.problems, health.warnings) == ((), ())
    assert health.sample


def test_the_engine_says_where_and_how_it_runs(late32: TransformersEngine, checkpoints: TrainedPair) -> None:
    info = late32.info
    assert (info.engine, info.revision, info.context) == ("transformers", "late", 128)
    assert info.engine_version.endswith(f"torch {torch.__version__}, cpu float32")
    assert re.fullmatch("[0-9a-f]{64}", info.weights_hash)


def test_an_engine_is_loaded_by_its_name_with_a_template_of_the_variants_own(checkpoints: TrainedPair) -> None:
    template = "{{ bos_token }}{% for message in messages %}{{ message.content | upper }}{% endfor %}"
    engine = load_engine("transformers", str(checkpoints.late), chat_template=template)
    assert isinstance(engine, TransformersEngine)
    assert engine.chat.decode(engine.chat.encode(ask("fish"))) == "FISH"


def test_a_dialogue_that_the_template_refuses_fails_alone_with_the_templates_words(checkpoints: TrainedPair) -> None:
    template = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{{ bos_token }}{{ messages[-1].content }}"
    )
    engine = TransformersEngine(str(checkpoints.late), chat_template=template)
    refused, other = engine.generate([ask("fish", system="Be kind."), ask("fish")])
    assert isinstance(refused, InvalidRequest)
    assert "refuses this dialogue: System role not supported" in str(refused)
    assert answered(other).text


def out_of_memory_above(most: int, patch: pytest.MonkeyPatch, error: Exception) -> list[int]:
    """Lets sampling fail above so many rows; returns the sizes of the batches that were tried."""
    tried: list[int] = []

    def sample(rows_: Sequence[Row], voice: Voice) -> None:
        tried.append(len(rows_))
        if len(rows_) > most:
            rows_[0].tokens.append(1)  # as if it had begun
            raise error
        rows.sample(rows_, voice)

    patch.setattr("workers.engines.transformers_engine.sample", sample)
    return tried


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: not enough memory"),
        MemoryError(),
    ],
    ids=["gpu", "cpu", "python"],
)
def test_where_memory_is_short_the_batch_is_halved_and_everybody_answered(
    late32: TransformersEngine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tried = out_of_memory_above(2, monkeypatch, error)
    found = [answered(result).text for result in late32.generate([ask(prompt) for prompt, _ in PAIRS])]
    assert found == [answer for _, answer in PAIRS]
    assert tried == [6, 3, 1, 2, 3, 1, 2]


def test_what_one_row_needs_and_memory_does_not_hold_fails_with_a_sentence(
    late32: TransformersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_memory_above(0, monkeypatch, MemoryError())
    for result in late32.generate([ask(prompt) for prompt, _ in PAIRS[:2]]):
        assert isinstance(result, EngineError)
        assert "The memory does not hold even this one dialogue of " in str(result)


def test_another_error_of_the_machine_is_not_taken_for_a_lack_of_memory(
    late32: TransformersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_memory_above(0, monkeypatch, RuntimeError("device-side assert triggered"))
    with pytest.raises(RuntimeError, match="device-side assert"):
        late32.generate([ask("fish")])


def test_batches_keep_to_the_budget_of_tokens_and_put_like_lengths_together() -> None:
    made = [Row([0] * length, ask("", max_tokens=100).params) for length in [50, 3900, 60, 3900, 70] * 20]
    found = batches(made, "cpu")
    assert sorted(len(row.prompt) for batch in found for row in batch) == sorted(len(row.prompt) for row in made)
    assert all(len(batch) * max(row.room for row in batch) <= MOST_TOKENS["cpu"] for batch in found)
    assert [len(batch) for batch in found] == [60, 8, 8, 8, 8, 8]


def test_one_row_beyond_the_budget_still_travels() -> None:
    assert len(batches([Row([0] * MOST_TOKENS["cpu"], ask("").params)], "cpu")) == 1


def test_answers_hold_no_nul(late32: TransformersEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late32.chat, "decode", lambda tokens: "a\x00b ")
    (result,) = late32.generate([ask(PAIRS[0][0])])
    assert isinstance(result, Completion)
    assert result.text == "a\ufffdb"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nothing is downloaded"):
        TransformersEngine("meta-llama/Llama-2-7b-chat-hf")
