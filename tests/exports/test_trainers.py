"""TRL's trainers take the directories as they are: loaded by `datasets`, handed over, no `map` in between."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.kto_config import KTOConfig
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.reward_config import RewardConfig
from trl.trainer.reward_trainer import RewardTrainer
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from exports import demonstrations
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, sealed, written
from tests.workers.rewards import made
from workers.rewards import scoring

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("default")]

scoring.quiet()

IGNORED = -100


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.checkpoint(tmp_path_factory.mktemp("base") / "chat")


@pytest.fixture
def rows_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The training rows of a directory, as an engineer loads them."""
    for name, value in (("HF_HUB_OFFLINE", "1"), ("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")):
        monkeypatch.setenv(name, value)
    return lambda directory, *config: load_dataset(
        str(directory), *config, split="train", cache_dir=str(tmp_path / "cache")
    )


def settings(kind: Any, folder: Path, **more: Any) -> Any:
    return kind(
        output_dir=str(folder),
        max_steps=1,
        per_device_train_batch_size=4,
        learning_rate=0.0,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        dataloader_pin_memory=False,
        **more,
    )


def first_loss(trainer: Any) -> float:
    trainer.train()
    return next(float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry)


def degrees_of(score: int, out: Path, format: str = "trl", margin: str = "large") -> Path:
    """An export of six comparisons, all of one degree."""
    campaign = open_campaign()
    for number in range(6):
        judged(campaign, [score], text=f"{made.QUESTIONS[0]} {number}")
    written(sealed(campaign), out, format=format, margin=margin)
    return out


@pytest.mark.parametrize(
    ("margin", "number"), [("none", 0.0), ("small", 2 / 3), ("large", 2.0)], ids=["none", "small", "large"]
)
def test_the_reward_trainer_takes_the_margin_of_the_directory(
    base: Path, rows_of: Callable[..., Any], tmp_path: Path, margin: str, number: float
) -> None:
    rows = rows_of(degrees_of(-3, tmp_path / "out", margin=margin))
    assert ("margin" in rows.column_names) is (margin != "none")
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1)
    model.config.pad_token_id = tokenizer.pad_token_id
    torch.nn.init.zeros_(model.score.weight)  # every reward is 0: the loss is -log sigmoid(-margin)
    trainer = RewardTrainer(
        model=model,
        args=settings(RewardConfig, tmp_path / "trained"),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    assert first_loss(trainer) == pytest.approx(math.log1p(math.exp(number)), abs=1e-3)


def test_dpo_and_kto_train_from_their_directories(base: Path, rows_of: Callable[..., Any], tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    for kind, config, format in ((DPOTrainer, DPOConfig, "trl"), (KTOTrainer, KTOConfig, "kto")):
        rows = rows_of(degrees_of(-4, tmp_path / format, format=format, margin="none"))
        trainer = kind(
            model=AutoModelForCausalLM.from_pretrained(base),
            args=settings(config, tmp_path / f"{format}-trained"),
            train_dataset=rows,
            processing_class=tokenizer,
        )
        # The policy is its own reference: neither side is likelier than it was.
        assert first_loss(trainer) == pytest.approx(math.log(2) if kind is DPOTrainer else 0.5, abs=1e-3)


def learnt(trainer: SFTTrainer, tokenizer: Any) -> list[str]:
    """The texts that the loss is on, of which something stands before each."""
    found = [[token for token in row["labels"] if token != IGNORED] for row in trainer.train_dataset]
    assert all(row["labels"][0] == IGNORED for row in trainer.train_dataset)
    return [tokenizer.decode(tokens) for tokens in found]


def test_sft_learns_the_preferred_response_alone(base: Path, rows_of: Callable[..., Any], tmp_path: Path) -> None:
    rows = rows_of(degrees_of(-3, tmp_path / "out", format="sft"))
    tokenizer = AutoTokenizer.from_pretrained(base)
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base),
        args=settings(SFTConfig, tmp_path / "trained"),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    assert learnt(trainer, tokenizer) == [f"{row['completion'][0]['content']}</s>" for row in rows]
    assert first_loss(trainer) > 0


def test_sft_trains_on_demonstrations_in_both_forms(base: Path, rows_of: Callable[..., Any], tmp_path: Path) -> None:
    campaign = factories.demonstrations_campaign()
    for _ in range(4):
        factories.approved_demonstration(campaign, exchanges=list(zip(made.QUESTIONS, made.GOOD, strict=True))[:2])
    demonstrations.write(campaign=campaign, out=tmp_path / "out", by=None)
    tokenizer = AutoTokenizer.from_pretrained(base)
    for form in ("messages", "prompt_completion"):
        rows = rows_of(tmp_path / "out", form)
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(base),
            args=settings(SFTConfig, tmp_path / form),
            train_dataset=rows,
            processing_class=tokenizer,
        )
        if form == "prompt_completion":
            assert learnt(trainer, tokenizer) == [f"{row['completion'][0]['content']}</s>" for row in rows]
        # Random weights know nothing: near the entropy of the whole vocabulary.
        assert first_loss(trainer) == pytest.approx(math.log(trainer.model.config.vocab_size), rel=0.1)
