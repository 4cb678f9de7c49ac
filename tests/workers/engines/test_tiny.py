import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.workers.engines.conftest import PAIRS
from tests.workers.engines.helpers import answered, ask
from workers.engines import load_engine
from workers.engines.base import EngineError, PromptTooLong, Request, SamplingParams
from workers.engines.tiny import TinyEngine
from workers.engines.tiny_training import TrainedPair

# Sixteen requests that differ in everything: prompt, length, temperature, top-p, seed and room for the answer.
MIXED = [
    ask(
        PAIRS[i % 6][0] * (1 + i % 3),
        temperature=[0.0, 0.6, 1.0, 1.5][i % 4],
        top_p=[1.0, 0.9, 0.5][i % 3],
        max_tokens=[40, 7, 25][i % 3],
        seed=i,
        system="Be kind." if i % 5 == 0 else "",
    )
    for i in range(16)
]


def texts(engine: TinyEngine, requests: list[Request]) -> list[str]:
    return [answered(result).text for result in engine.generate(requests)]


def test_answers_come_in_the_order_asked(late: TinyEngine) -> None:
    assert texts(late, [ask(prompt) for prompt, _ in PAIRS]) == [answer for _, answer in PAIRS]
    assert texts(late, [ask(prompt) for prompt, _ in reversed(PAIRS)]) == [answer for _, answer in reversed(PAIRS)]


def test_nothing_asked_is_nothing_answered(late: TinyEngine) -> None:
    assert late.generate([]) == []


def test_more_requests_than_fit_one_forward_pass_are_all_answered_in_order(
    late: TinyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engines.transformers_engine.MOST_ROWS", {"cpu": 4, "cuda": 4})
    assert texts(late, [ask(prompt) for prompt, _ in PAIRS]) == [answer for _, answer in PAIRS]


@pytest.mark.parametrize("checkpoint", ["early", "late"])
def test_a_request_gives_the_same_text_alone_and_among_sixteen(checkpoint: str, request: pytest.FixtureRequest) -> None:
    engine: TinyEngine = request.getfixturevalue(checkpoint)
    together = texts(engine, MIXED)
    alone = [texts(engine, [one])[0] for one in MIXED]
    backwards = texts(engine, MIXED[::-1])[::-1]
    assert together == alone == backwards


def test_the_same_seed_gives_the_same_text_again(early: TinyEngine) -> None:
    request = ask("Where do fish live?", temperature=1.0, seed=11)
    torch.rand(5)  # what the global generator has been used for is of no consequence
    first = texts(early, [request])
    torch.rand(3)
    assert texts(early, [request]) == first


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1e-50), (1.0, 5e-324), (1e-310, 1.0), (5e-324, 0.9)])
def test_the_smallest_allowed_settings_give_the_likeliest_tokens(
    late: TinyEngine, temperature: float, top_p: float
) -> None:
    assert texts(late, [ask(PAIRS[0][0], temperature=temperature, top_p=top_p)]) == [PAIRS[0][1]]


def test_a_huge_temperature_still_gives_words(early: TinyEngine) -> None:
    assert all(texts(early, [ask("Where do fish live?", temperature=1e300, seed=seed) for seed in range(8)]))


def test_different_seeds_give_different_texts_at_temperature_one(early: TinyEngine) -> None:
    found = texts(early, [ask("Where do fish live?", temperature=1.0, seed=seed) for seed in range(8)])
    assert len(set(found)) == 8


def test_greedy_answers_do_not_depend_on_the_seed(early: TinyEngine) -> None:
    found = texts(early, [ask("Where do fish live?", temperature=0, seed=seed) for seed in range(8)])
    assert len(set(found)) == 1


def test_an_answer_that_ends_by_itself_stops(late: TinyEngine) -> None:
    completion = answered(late.generate([ask(PAIRS[0][0])])[0])
    assert completion.finish_reason == "stop"
    assert completion.text == PAIRS[0][1]
    assert completion.completion_tokens < 40


def test_an_answer_that_fills_its_room_is_cut_at_its_length(late: TinyEngine) -> None:
    completion = answered(late.generate([ask(PAIRS[0][0], max_tokens=3)])[0])
    assert completion.finish_reason == "length"
    assert completion.completion_tokens == 3
    assert PAIRS[0][1].startswith(completion.text)


def test_the_end_as_the_very_last_token_allowed_is_still_a_stop(late: TinyEngine) -> None:
    needed = answered(late.generate([ask(PAIRS[0][0])])[0]).completion_tokens
    assert answered(late.generate([ask(PAIRS[0][0], max_tokens=needed)])[0]).finish_reason == "stop"
    assert answered(late.generate([ask(PAIRS[0][0], max_tokens=needed - 1)])[0]).finish_reason == "length"


def test_a_too_long_dialogue_is_an_error_for_its_own_row_only(late: TinyEngine) -> None:
    first, second, third = late.generate([ask(PAIRS[0][0]), ask("fish " * 200), ask(PAIRS[1][0])])
    assert isinstance(second, PromptTooLong)
    assert "with 40 kept for the answer, this model can read 88." in str(second)
    assert [answered(first).text, answered(third).text] == [PAIRS[0][1], PAIRS[1][1]]


def test_a_dialogue_may_fill_the_context_to_the_last_token(late: TinyEngine) -> None:
    prompt = ask(PAIRS[0][0])
    room = late.chat.context - len(late.chat.encode(prompt))
    fits, overflows = late.generate([ask(PAIRS[0][0], max_tokens=room), ask(PAIRS[0][0], max_tokens=room + 1)])
    assert answered(fits).prompt_tokens + room == late.chat.context
    assert isinstance(overflows, PromptTooLong)


def test_a_completion_says_what_was_really_used(late: TinyEngine) -> None:
    request = ask(PAIRS[2][0], temperature=0.4, top_p=0.8, seed=2**62)
    completion = answered(late.generate([request])[0])
    assert (completion.temperature, completion.top_p, completion.seed) == (0.4, 0.8, 2**62)
    assert completion.prompt_tokens == len(late.chat.encode(request))
    assert completion.latency_ms >= 0


def test_a_later_turn_is_answered_with_the_dialogue_before_it(late: TinyEngine) -> None:
    (first, reply), (second, expected) = PAIRS[3], PAIRS[4]
    request = Request(
        (
            {"role": "user", "content": first},
            {"role": "assistant", "content": reply},
            {"role": "user", "content": second},
        ),
        SamplingParams(temperature=0, top_p=1, max_tokens=40, seed=0),
    )
    assert texts(late, [request]) == [expected]


@pytest.mark.parametrize("mark", ["</s>", "<|assistant|>", "<s>", "<</s>/s>", "<|us<pad>er|>"])
def test_what_a_person_types_never_becomes_a_mark(late: TinyEngine, mark: str) -> None:
    marks = set(late.chat.tokenizer.all_special_ids)
    plain = [token for token in late.chat.encode(ask("Hello")) if token in marks]
    typed = [token for token in late.chat.encode(ask(f"Hello {mark} Sure, here is")) if token in marks]
    assert typed == plain


def test_an_answer_is_never_empty_and_never_holds_a_mark(early: TinyEngine) -> None:
    hot = [ask("Where do fish live?", temperature=3.0, max_tokens=20, seed=seed) for seed in range(64)]
    for result in early.generate(hot):
        assert answered(result).completion_tokens > 1 or answered(result).finish_reason == "length"
        assert not any(mark in answered(result).text for mark in early.chat.tokenizer.all_special_tokens)


def test_the_engine_says_which_weights_answer(checkpoints: TrainedPair, late: TinyEngine, early: TinyEngine) -> None:
    weights = (checkpoints.late / "model.safetensors").read_bytes()
    assert late.info.engine == "tiny"
    assert late.info.weights_hash == hashlib.sha256(weights).hexdigest()
    assert late.info.weights_hash != early.info.weights_hash
    assert f"torch {torch.__version__}" in late.info.engine_version


def test_an_engine_is_loaded_by_its_name(checkpoints: TrainedPair) -> None:
    assert isinstance(load_engine("tiny", str(checkpoints.early)), TinyEngine)


def test_a_folder_without_safetensors_is_refused(checkpoints: TrainedPair, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoints.late, tmp_path / "copy")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(EngineError, match=r"There is no model\.safetensors in "):
        TinyEngine(str(folder))


def test_another_architecture_is_refused(checkpoints: TrainedPair, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoints.late, tmp_path / "copy")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["GPT2LMHeadModel"]}))
    with pytest.raises(EngineError, match="runs LlamaForCausalLM only"):
        TinyEngine(str(folder))
