"""Trains a reward model on exported batches, measures it on their held-out rows, and writes its folder whole.

    python -m workers.rewards.training ORDER.json

ORDER.json holds the fields of `Order`. Progress is written beside it, into progress.json, after each step. Run like
this, the caller itself needs no torch.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback, set_seed
from trl.trainer.reward_config import RewardConfig

from workers.rewards import recipe as recipes
from workers.rewards.checkpoints import check_folder, weights, weights_hash
from workers.rewards.dataset import BatchOfPairs, Pair, mixed, read
from workers.rewards.errors import RewardError
from workers.rewards.measuring import Encoded, evaluate, fitting
from workers.rewards.recipe import Recipe
from workers.rewards.scoring import Scorer, context_of, open_checkpoint, quiet
from workers.rewards.trainer import UNLABELLED, LabelledPairs, SafetyRewardTrainer

REPORT = "reward.json"
PROGRESS = "progress.json"
VERSIONS = ("torch", "transformers", "trl", "accelerate")


@dataclass(frozen=True)
class Order:
    datasets: Sequence[str]  # export directories
    base: str  # the chat checkpoint to start from
    out: str  # which must not exist yet
    recipe: dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """How far it is: steps of the optimizer, and the loss of the last one in nats a pair."""

    step: int
    steps: int
    loss: float | None


def train(
    batches: Sequence[BatchOfPairs],
    base: Path,
    out: Path,
    recipe: Recipe,
    *,
    progress: Callable[[Progress], None],
) -> dict[str, Any]:
    """Writes the reward model's folder, which gets its name once everything is in it; returns its report."""
    if out.exists():
        raise RewardError(f"{out} exists already; a model is never written over. Name another directory.")
    check_folder(base)
    out.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    pairs = mixed((pair for batch in batches for pair in batch.train), recipe.track, seed=recipe.seed)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        whole = Path(scratch) / "whole"
        fitted = _fit_what_fits(pairs, base, recipe, Path(scratch) / "trainer", progress)
        fitted.model.save_pretrained(whole)
        fitted.tokenizer.save_pretrained(whole)
        for path in weights(whole):
            path.chmod(0o644)  # it is written for its owner alone; a worker may be someone else
        fitted.model.train(False)
        scorer = Scorer(fitted.model, fitted.tokenizer, context_of(fitted.model), weights_hash(whole))
        report = {
            "track": recipe.track,
            "base": {"location": str(base), "weights_sha256": weights_hash(base)},
            **fitted.report(recipe),
            "datasets": [batch.source.as_json() for batch in batches],
            "weights_sha256": scorer.weights_sha256,
            "versions": {name: version(name) for name in VERSIONS},
            "evaluations": [one for batch in batches for one in evaluate(scorer, batch)],
            "seconds": round(time.monotonic() - started, 1),
        }
        (whole / REPORT).write_text(json.dumps(report, indent=1) + "\n")
        whole.rename(out)
    return report


@dataclass(frozen=True)
class _Fitted:
    """A trained model and what it took."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    longest: int  # in tokens
    own: int  # pairs of the track
    others: int
    too_long: int
    pairs_at_once: int
    losses: list[float]

    def report(self, recipe: Recipe) -> dict[str, Any]:
        return {
            "recipe": recipe.as_json(),
            "learning_rate": recipe.peak(self.model.num_parameters()),
            "safety_weight": recipe.safety_weight,
            "max_length": self.longest,
            "pairs_at_once": self.pairs_at_once,
            "parameters": self.model.num_parameters(),
            "pairs": {"own": self.own, "others": self.others, "too_long": self.too_long},
            "losses": self.losses,
        }


def _fit_what_fits(
    pairs: Sequence[Pair], base: Path, recipe: Recipe, scratch: Path, progress: Callable[[Progress], None]
) -> _Fitted:
    """Trains from the base model, with half as many pairs at once each time that the memory does not hold them."""
    at_once = min(recipe.pairs_at_once, recipe.pairs_per_step)
    while True:
        try:
            return _fit(pairs, base, replace(recipe, pairs_at_once=at_once), scratch, progress)
        except torch.OutOfMemoryError:
            if at_once == 1:
                raise RewardError("Not even one pair at once fits into the memory of this machine.") from None
        # Outside of the handler, which would hold on to the model that was too large.
        at_once = next(part for part in range(at_once // 2, 0, -1) if recipe.pairs_per_step % part == 0)
        torch.cuda.empty_cache()


def _fit(
    pairs: Sequence[Pair], base: Path, recipe: Recipe, scratch: Path, progress: Callable[[Progress], None]
) -> _Fitted:
    set_seed(recipe.seed)  # the head is drawn from it
    model, tokenizer = open_checkpoint(base, dtype=torch.float32)
    longest = min(recipe.max_length or context_of(model), context_of(model))
    encoded = fitting(pairs, tokenizer, longest)
    if not encoded:
        raise RewardError(f"All {len(pairs)} pairs are longer than {longest} tokens: nothing is left to train on.")
    told = _Told(progress)
    trainer = SafetyRewardTrainer(
        model=model,
        args=_arguments(recipe, recipe.peak(model.num_parameters()), scratch),
        train_dataset=_rows(encoded, recipe.margin),
        processing_class=tokenizer,
        data_collator=LabelledPairs(pad_token_id=tokenizer.pad_token_id),
        callbacks=[told],
        safety_weight=recipe.safety_weight,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    own = sum(one.pair.track == recipe.track for one in encoded)
    others, too_long = len(encoded) - own, len(pairs) - len(encoded)
    return _Fitted(model, tokenizer, longest, own, others, too_long, recipe.pairs_at_once, told.losses)


def _rows(encoded: Sequence[Encoded], margin: str) -> Dataset:
    """What TRL's trainer takes of tokenized pairs; the margin is a number in every row or no column at all."""
    rows = [
        {
            "chosen_ids": one.chosen,
            "rejected_ids": one.rejected,
            "chosen_safe": _label(one.pair.chosen_safe),
            "rejected_safe": _label(one.pair.rejected_safe),
            **({} if (number := one.pair.margin(margin)) is None else {"margin": number}),
        }
        for one in encoded
    ]
    return Dataset.from_list(rows)


def _label(safe: bool | None) -> int:
    return UNLABELLED if safe is None else int(safe)


def _arguments(recipe: Recipe, peak: float, folder: Path) -> RewardConfig:
    cuda = torch.cuda.is_available()
    return RewardConfig(
        output_dir=str(folder),
        per_device_train_batch_size=recipe.pairs_at_once,
        gradient_accumulation_steps=recipe.pairs_per_step // recipe.pairs_at_once,
        num_train_epochs=recipe.epochs,
        learning_rate=peak,  # its course is SafetyRewardTrainer's
        adam_beta1=recipes.BETAS[0],
        adam_beta2=recipes.BETAS[1],
        adam_epsilon=recipes.EPSILON,
        weight_decay=recipes.WEIGHT_DECAY,
        max_grad_norm=recipes.CLIP,
        max_length=None,  # what is too long was left out, and counted, before
        center_rewards_coefficient=recipe.centring or None,
        seed=recipe.seed,
        use_cpu=not cuda,
        bf16=cuda,
        activation_checkpointing=cuda,
        dataloader_pin_memory=cuda,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


class _Told(TrainerCallback):
    """Tells of each step, and ends the training whose caller is gone."""

    def __init__(self, progress: Callable[[Progress], None]) -> None:
        self.progress = progress
        self.losses: list[float] = []
        self.caller = os.getppid()

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        self.progress(Progress(0, state.max_steps, None))

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if os.getppid() != self.caller:
            raise RewardError("Who asked for this training is gone; nobody waits for its result.")

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **rest: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))
            self.progress(Progress(state.global_step, state.max_steps, self.losses[-1]))


def main(file: Path) -> None:
    quiet()
    disable_progress_bars()

    def tell(now: Progress) -> None:
        aside = file.with_name(f".{PROGRESS}")
        aside.write_text(json.dumps(asdict(now)))
        aside.rename(file.with_name(PROGRESS))

    try:
        order = Order(**json.loads(file.read_text()))
        batches = [read(Path(directory)) for directory in order.datasets]
        train(batches, Path(order.base), Path(order.out), Recipe(**order.recipe), progress=tell)
    except RewardError as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.rewards.training ORDER.json")
    main(Path(sys.argv[1]))
