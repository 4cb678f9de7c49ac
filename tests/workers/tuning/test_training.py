from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from transformers import AutoTokenizer, TrainerCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from exports import verifying
from preferences.choices import Track
from tests.workers.tuning.made import begun, order
from workers.engines import load_engine
from workers.engines.base import Completion, Request, SamplingParams
from workers.rewards.errors import RewardError
from workers.tuning import folders, ghost_attention, rejection, training
from workers.tuning.candidates import Speaker
from workers.tuning.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are not ours

QUICK = Recipe(epochs=3, rows_per_step=2, rows_at_once=2, learning_rate=5e-3)
IGNORED = -100


@pytest.fixture
def sets(tmp_path: Path, speaker: Speaker, rewards: dict[str, str], asked: list[dict[str, Any]]) -> list[Path]:
    """One of rejection sampling and one for ghost attention."""
    best, ghosts = tmp_path / "best", tmp_path / "ghosts"
    rejection.run(begun(best, order([speaker], [rewards[Track.SAFETY]]), asked), best)
    wanted = {"speakers": [asdict(speaker)], "dialogues": 3, "turns": 2, "seed": 7}
    ghost_attention.run(begun(ghosts, wanted, asked), ghosts)
    return [best, ghosts]


def quiet(progress: dict[str, Any]) -> None:
    """Nobody listens."""


def test_trls_trainer_takes_both_sets_unmapped_and_learns_the_last_answer_alone(
    sets: list[Path], checkpoint: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    for directory in sets:
        assert verifying.problems(directory) == []
        rows = load_dataset(str(directory), split="train", cache_dir=str(tmp_path / "cache"))
        trainer = SFTTrainer(
            model=str(checkpoint),
            args=SFTConfig(output_dir=str(tmp_path / "trl"), max_steps=1, use_cpu=True, bf16=False, report_to="none"),
            train_dataset=rows,
        )
        for row, encoded in zip(rows, trainer.train_dataset, strict=True):
            learnt = [token for token in encoded["labels"] if token != IGNORED]
            assert tokenizer.decode(learnt) == f"{row['completion'][0]['content']}</s>"
            assert encoded["labels"][-len(learnt) :] == learnt  # it is the end; earlier answers have no loss
            assert tokenizer.decode(encoded["input_ids"]).count("<|assistant|>") == len(row["prompt"]) // 2 + 1
        assert trainer.train().global_step == 1
    candidates = load_dataset(str(sets[0]), "candidates", split="train", cache_dir=str(tmp_path / "cache"))
    assert candidates.num_rows == folders.manifest_of(sets[0])["candidates"]
    flipped = sets[1] / "README.md"
    flipped.write_bytes(flipped.read_bytes().replace(b"sft", b"sgt"))
    assert [problem.partition(" ")[0] for problem in verifying.problems(sets[1])] == ["README.md"]


def test_the_model_is_trained_on_what_both_sets_hold_and_written_whole(
    sets: list[Path], checkpoint: Path, tmp_path: Path
) -> None:
    out, told = tmp_path / "RLHF-V2", list[dict[str, Any]]()
    report = training.tune(sets, checkpoint, out, QUICK, tell=told.append)
    assert report["rows"] == 7 and report["too_long"] == 0
    assert report["losses"][-1] < report["losses"][0] and len(report["losses"]) == 12
    assert told[-1] == {"step": 12, "steps": 12, "loss": report["losses"][-1]}
    assert report["weights_sha256"] == hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest()
    assert report["data"][0] == {
        "directory": str(sets[0]),
        "manifest_sha256": folders.sha256(sets[0] / folders.MANIFEST),
    }
    assert json.loads((out / training.REPORT).read_text()) == report
    assert not list(tmp_path.glob(".*")) and not list(out.glob("*.bin"))
    params = SamplingParams(temperature=0, top_p=1, max_tokens=4, seed=1)
    (answer,) = load_engine("tiny", str(out)).generate([Request(({"role": "user", "content": "Why?"},), params)])
    assert isinstance(answer, Completion)
    with pytest.raises(RewardError, match="never written over"):
        training.tune(sets, checkpoint, out, QUICK, tell=quiet)


def test_settings_are_the_papers_unless_told_otherwise(tmp_path: Path) -> None:
    found = training._arguments(Recipe(), tmp_path)
    assert (found.learning_rate, found.num_train_epochs, found.weight_decay) == (2e-5, 2, 0.1)
    assert found.per_device_train_batch_size * found.gradient_accumulation_steps == 64
    assert (found.lr_scheduler_type, found.adam_beta1, found.adam_beta2) == ("cosine", 0.9, 0.95)
    assert Recipe().max_length == 4096


def test_rows_that_are_too_long_are_left_out_and_counted(tmp_path: Path, checkpoint: Path) -> None:
    rows: list[training.Row] = [row("Why?", "So."), row("Why?", "and so on " * 200)]
    assert training.prepared(rows, checkpoint, QUICK, tmp_path, TrainerCallback()).too_long == 1
    with pytest.raises(RewardError, match="All 1 rows are longer than 256 tokens"):
        training.prepared(rows[1:], checkpoint, QUICK, tmp_path, TrainerCallback())


def test_no_text_ends_a_turn(tmp_path: Path, checkpoint: Path) -> None:
    ready = training.prepared(
        [row("Why?</s><|assistant|>Yes", "So.</s>")], checkpoint, QUICK, tmp_path, TrainerCallback()
    )
    assert ready.trainer.train_dataset is not None
    ids = next(iter(ready.trainer.train_dataset))["input_ids"]
    assert ids.count(ready.tokenizer.eos_token_id) == 2


def row(question: str, answer: str) -> training.Row:
    return {
        "prompt": [{"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": answer}],
    }


def test_data_that_was_changed_is_not_trained_on(sets: list[Path], checkpoint: Path, tmp_path: Path) -> None:
    with (sets[0] / folders.TRAIN).open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RewardError, match="changed or lost"):
        training.tune(sets, checkpoint, tmp_path / "out", QUICK, tell=quiet)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs is a whole number from 1 up"),
        ({"learning_rate": float("nan")}, "learning_rate is a number from 0 up"),
        ({"rows_per_step": 10, "rows_at_once": 4}, "multiple of rows_at_once"),
    ],
    ids=["no epoch", "no rate", "uneven"],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RewardError, match=sentence):
        Recipe(**settings)


def test_a_training_that_diverges_writes_no_model(sets: list[Path], checkpoint: Path, tmp_path: Path) -> None:
    told: list[float] = []
    with pytest.raises(RewardError, match="The training diverged"):
        training.tune(
            sets, checkpoint, tmp_path / "model", replace(QUICK, learning_rate=1e30),
            tell=lambda progress: told.append(progress["loss"]),
        )  # fmt: skip
    assert math.isnan(told[-1]) and not (tmp_path / "model").exists()
