"""Fine-tunes a base model on sets of prompt and completion by TRL's SFTTrainer, and writes the new model whole.

    python -m workers.tuning.training ORDER.json

ORDER.json holds the fields of `Order`. The loss is taken on completions alone. Progress is written beside it, into
progress.json, after each step. Run like this, the caller itself needs no torch.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    TrainerCallback,
    set_seed,
)
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from preferences.versions import code_version
from workers.rewards.checkpoints import check_folder, weights, weights_hash
from workers.rewards.errors import RewardError
from workers.rewards.scoring import context_of, quiet
from workers.tuning import folders
from workers.tuning import recipe as recipes
from workers.tuning.asked import Tell, tell_beside
from workers.tuning.recipe import Recipe

REPORT = "tuning.json"
VERSIONS = ("torch", "transformers", "trl", "accelerate")

Row = Mapping[str, list[dict[str, str]]]  # prompt and completion, lists of messages


@dataclass(frozen=True)
class Order:
    data: Sequence[str]  # directories of sets
    base: str  # the checkpoint to start from: each version starts from the base model
    out: str  # which must not exist yet
    recipe: dict[str, Any]


def tune(data: Sequence[Path], base: Path, out: Path, recipe: Recipe, *, tell: Tell) -> dict[str, Any]:
    """Writes the model's folder, which gets its name once everything is in it; returns its report."""
    if out.exists():
        raise RewardError(f"{out} exists already; a model is never written over. Name another directory.")
    check_folder(base)
    sources = [_source(directory) for directory in data]
    rows = [row for directory in data for row in read(directory)]
    out.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        whole, told = Path(scratch) / "whole", _Told(tell)
        ready = prepared(rows, base, recipe, Path(scratch) / "trainer", told)
        ready.trainer.train()
        _check_finite(ready.model)
        ready.model.save_pretrained(whole)
        ready.tokenizer.save_pretrained(whole)
        for path in weights(whole):
            path.chmod(0o644)  # it is written for its owner alone; a worker may be someone else
        report = {
            "base": {"location": str(base), "weights_sha256": weights_hash(base)},
            "recipe": recipe.as_json(),
            "data": sources,
            "rows": len(rows) - ready.too_long,
            "too_long": ready.too_long,
            "losses": told.losses,
            "weights_sha256": weights_hash(whole),
            "code_version": code_version(),
            "versions": {name: version(name) for name in VERSIONS},
            "seconds": round(time.monotonic() - started, 1),
        }
        (whole / REPORT).write_text(json.dumps(report, indent=1) + "\n")
        whole.rename(out)
    return report


def read(directory: Path) -> Iterator[Row]:
    """The rows of a set, each with its prompt and its completion and nothing else."""
    for row in folders.read_lines(folders.rows_to_train_on(directory)):
        yield {name: row[name] for name in ("prompt", "completion")}


@dataclass(frozen=True)
class Ready:
    """A trainer with all that it needs, and how many rows were too long for the model."""

    trainer: SFTTrainer
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    too_long: int


def prepared(rows: Sequence[Row], base: Path, recipe: Recipe, scratch: Path, told: TrainerCallback) -> Ready:
    """A trainer that is ready to train.

    No packing: without a kernel that keeps packed rows apart, each would see the ones before it.
    """
    set_seed(recipe.seed)
    model, tokenizer = _open(base)
    longest = min(recipe.max_length, context_of(model))
    defused = [_defused(row, tokenizer) for row in rows]
    fitting = [row for row in defused if _length(row, tokenizer) <= longest]
    if not fitting:
        raise RewardError(f"All {len(rows)} rows are longer than {longest} tokens: nothing is left to train on.")
    trainer = SFTTrainer(
        model=model,
        args=_arguments(recipe, scratch),
        train_dataset=Dataset.from_list(fitting),
        processing_class=tokenizer,
        callbacks=[told],
    )
    trainer.remove_callback(PrinterCallback)
    return Ready(trainer, model, tokenizer, len(rows) - len(fitting))


def _source(directory: Path) -> dict[str, str]:
    folders.manifest_of(directory)
    return {"directory": str(directory), "manifest_sha256": folders.sha256(directory / folders.MANIFEST)}


def _open(base: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Local files in safetensors only; code that lies beside the weights is never run."""
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(base, **options)
    if tokenizer.chat_template is None:
        raise RewardError(f"The tokenizer in {base} has no chat template: give the base model one first.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(base, use_safetensors=True, dtype=torch.float32, **options)
    return model, tokenizer


def _defused(row: Row, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[dict[str, str]]]:
    """Marks such as an end-of-text token inside a content are taken apart, so that no text can end a turn."""
    return {name: [_harmless(message, tokenizer) for message in messages] for name, messages in row.items()}


def _harmless(message: Mapping[str, str], tokenizer: PreTrainedTokenizerBase) -> dict[str, str]:
    content = message["content"]
    for mark in tokenizer.all_special_tokens:
        content = content.replace(mark, f"{mark[0]} {mark[1:]}")
    return {"role": message["role"], "content": content}


def _length(row: Row, tokenizer: PreTrainedTokenizerBase) -> int:
    text = tokenizer.apply_chat_template([*row["prompt"], *row["completion"]], tokenize=False)
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _arguments(recipe: Recipe, folder: Path) -> SFTConfig:
    cuda = torch.cuda.is_available()
    at_once = min(recipe.rows_at_once, recipe.rows_per_step)
    return SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=recipe.rows_per_step // at_once,
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        adam_beta1=recipes.BETAS[0],
        adam_beta2=recipes.BETAS[1],
        adam_epsilon=recipes.EPSILON,
        weight_decay=recipes.WEIGHT_DECAY,
        max_grad_norm=recipes.CLIP,
        max_length=None,  # what is too long was left out, and counted, before
        completion_only_loss=True,
        seed=recipe.seed,
        use_cpu=not cuda,
        bf16=cuda,
        activation_checkpointing=cuda,
        dataloader_pin_memory=cuda,
        logging_steps=1,
        logging_nan_inf_filter=False,  # which tells of a loss that is no number as 0
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def _check_finite(model: PreTrainedModel) -> None:
    if not all(bool(torch.isfinite(weight).all()) for weight in model.parameters()):
        raise RewardError(
            "The training diverged: weights became infinite or no numbers. Nothing was written; give a smaller "
            "learning rate."
        )


class _Told(TrainerCallback):
    """Tells of each step with its loss."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.losses: list[float] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **rest: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))
            self.tell({"step": state.global_step, "steps": state.max_steps, "loss": self.losses[-1]})


def main(file: Path) -> None:
    quiet()
    disable_progress_bars()

    try:
        order = Order(**json.loads(file.read_text()))
        data = [Path(directory) for directory in order.data]
        tune(data, Path(order.base), Path(order.out), Recipe(**order.recipe), tell=tell_beside(file))
    except RewardError as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.tuning.training ORDER.json")
    main(Path(sys.argv[1]))
