import hashlib
import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from tests.workers.engines.conftest import PAIRS, SMALL
from tests.workers.engines.helpers import answered, ask
from workers.engines.tiny import TinyEngine
from workers.engines.tiny_dialogues import IGNORED, encode
from workers.engines.tiny_tokenizer import train_tokenizer
from workers.engines.tiny_training import Recipe, TrainedPair, main, new_model, train

QUICK = replace(SMALL, steps=6, early_step=3)


def quiet(line: str) -> None:
    pass


def test_both_checkpoints_hold_safetensors_and_no_other_weights(checkpoints: TrainedPair) -> None:
    for folder in (checkpoints.early, checkpoints.late):
        assert {path.name for path in folder.iterdir()} == {
            "model.safetensors",
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "training.json",
        }


def test_the_model_is_a_llama(checkpoints: TrainedPair) -> None:
    config = json.loads((checkpoints.late / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert config["num_key_value_heads"] < config["num_attention_heads"]  # grouped-query attention
    assert config["hidden_act"] == "silu"  # SwiGLU
    assert config["rope_parameters"]["rope_type"] == "default"
    model = AutoModelForCausalLM.from_pretrained(checkpoints.late, local_files_only=True)
    assert isinstance(model, LlamaForCausalLM)
    assert not [name for name, _ in model.named_parameters() if name.endswith("bias")]


def test_the_full_recipe_stays_under_five_million_parameters() -> None:
    recipe = Recipe()
    rng = random.Random(0)
    words = [" ".join("".join(rng.choices("abcdefgh", k=5)) for _ in range(50)) for _ in range(400)]
    tokenizer = train_tokenizer(words, vocab_size=recipe.vocab_size, context=recipe.context)
    assert len(tokenizer) == recipe.vocab_size
    size = sum(parameter.numel() for parameter in new_model(tokenizer, recipe).parameters())
    assert 1_000_000 < size < 5_000_000
    assert recipe.key_value_heads < recipe.heads


def test_the_tokenizer_reads_any_text_back_as_it_was(checkpoints: TrainedPair) -> None:
    tokenizer = AutoTokenizer.from_pretrained(checkpoints.late, local_files_only=True)
    text = "Zażółć gęślą jaźń, 你好 🙂\n\ttwo  spaces"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_loss_is_taken_on_the_assistant_s_words_only(checkpoints: TrainedPair, late: TinyEngine) -> None:
    tokenizer = late.chat.tokenizer
    dialogue = encode(PAIRS[:2], tokenizer, system="Be kind.")
    said = [label for label in dialogue.labels if label != IGNORED]
    assert tokenizer.decode(said) == f"{PAIRS[0][1]}</s>{PAIRS[1][1]}</s>"
    assert "{% generation" in (checkpoints.late / "chat_template.jinja").read_text().replace("{%-", "{%")


def test_late_knows_the_answers_by_heart_and_early_does_not(early: TinyEngine, late: TinyEngine) -> None:
    requests = [ask(prompt, temperature=0.3) for prompt, _ in PAIRS]

    def right(engine: TinyEngine) -> int:
        results = zip(engine.generate(requests), PAIRS, strict=True)
        return sum(answered(result).text == answer for result, (_, answer) in results)

    assert right(late) == len(PAIRS)
    assert right(early) < len(PAIRS) / 2


def test_each_checkpoint_says_how_far_it_was_trained(checkpoints: TrainedPair) -> None:
    early, late = (
        json.loads((folder / "training.json").read_text()) for folder in (checkpoints.early, checkpoints.late)
    )
    assert (early["steps"], late["steps"]) == (SMALL.early_step, SMALL.steps)
    assert early["seed"] == late["seed"] == 7
    assert early["loss"] > late["loss"] > 0
    assert late["seconds"] >= early["seconds"] >= 0


def test_the_same_seed_trains_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    def weights(name: str, seed: int) -> str:
        trained = train(PAIRS, tmp_path / name, seed=seed, progress=quiet, recipe=QUICK)
        return hashlib.sha256((trained.late / "model.safetensors").read_bytes()).hexdigest()

    assert weights("first", 7) == weights("again", 7) != weights("other", 8)


def test_training_leaves_the_caller_s_random_numbers_alone(out: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1).item()
    torch.manual_seed(3)
    train(PAIRS, out, progress=quiet, recipe=QUICK)
    assert torch.rand(1).item() == expected


def test_progress_ends_with_the_last_step(out: Path) -> None:
    lines: list[str] = []
    train(PAIRS, out, progress=lines.append, recipe=QUICK)
    assert lines[-1].startswith("step 6 of 6, loss ")


def test_a_training_that_fails_leaves_nothing_behind(out: Path) -> None:
    def stumble(line: str) -> None:
        assert not out.exists()
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        train(PAIRS, out, progress=stumble, recipe=QUICK)
    assert list(out.parent.iterdir()) == []


def test_a_killed_training_is_never_taken_for_a_whole_one(out: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.json"
    pairs.write_text(json.dumps(PAIRS))
    command = [sys.executable, "-m", "workers.engines.tiny_training", str(pairs), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout is not None
        assert training.stdout.readline().startswith("step ")
        training.kill()
    assert training.returncode == -signal.SIGKILL
    assert not out.exists()
    train(PAIRS, out, progress=quiet, recipe=QUICK)  # what it left does not stand in the way of the next
    assert (out / "late" / "model.safetensors").exists()


def test_a_finished_training_is_not_written_over(out: Path) -> None:
    out.mkdir(parents=True)
    with pytest.raises(FileExistsError, match="remove it to train again"):
        train(PAIRS, out, progress=quiet, recipe=QUICK)


def test_the_command_says_in_a_sentence_that_the_folder_exists(
    out: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out.mkdir(parents=True)
    pairs = tmp_path / "pairs.json"
    pairs.write_text(json.dumps(PAIRS))
    with pytest.raises(SystemExit) as refused:
        main(str(pairs), str(out))
    assert refused.value.code == f"{out} exists already; remove it to train again."  # printed alone, with status 1
    assert capfd.readouterr().out == ""


def test_nothing_to_train_on_is_refused(out: Path) -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        train([], out, progress=quiet, recipe=QUICK)
