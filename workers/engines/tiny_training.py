"""Trains the tiny model on prompt and answer pairs and keeps it twice: early, when it only knows words, and late.

    python -m workers.engines.tiny_training PAIRS.json OUT_DIR

PAIRS.json is a list of [prompt, answer]. Run like this, the caller itself needs no torch.
"""

import json
import math
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import transformers
from torch import Tensor
from torch.nn.functional import log_softmax
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workers.engines.tiny_dialogues import IGNORED, Pair, endless_dialogues, right_padded, word_shares
from workers.engines.tiny_tokenizer import train_tokenizer

SECONDS_BETWEEN_LINES = 3.0


@dataclass(frozen=True)
class Recipe:
    """Sizes and schedule, chosen by measurement: about 25 s of one CPU core for 150 pairs, answers learnt by heart."""

    vocab_size: int = 2500
    context: int = 1024  # in tokens
    hidden: int = 192
    intermediate: int = 512
    layers: int = 2
    heads: int = 6
    key_value_heads: int = 2
    init_std: float = 0.08  # four times the usual: it learns in half the steps
    steps: int = 300
    early_step: int = 125
    rows: int = 4  # dialogues a step
    turns: int = 3  # pairs a dialogue
    system_share: float = 0.3  # of the dialogues, how many begin with a system message
    peak_rate: float = 5e-3
    warmup_steps: int = 20
    # The share of each target that goes to the answers' word frequencies. Without it a model that knows its answers by
    # heart gives them at any temperature; with it, it wanders off from about temperature 1, and into words.
    smoothing: float = 0.05


@dataclass(frozen=True)
class TrainedPair:
    """The two checkpoint folders of one training."""

    early: Path
    late: Path


@dataclass(frozen=True)
class Training:
    """How far the training was when a checkpoint was kept: its training.json."""

    steps: int
    loss: float  # nats a token the assistant says, mean of the last steps
    seconds: float
    seed: int


def train(
    pairs: Sequence[Pair],
    out: Path,
    *,
    seed: int = 7,
    progress: Callable[[str], None],
    recipe: Recipe | None = None,
) -> TrainedPair:
    """Writes out/early and out/late, whole or not at all: the folder gets its name when everything is in it."""
    if out.exists():
        raise FileExistsError(f"{out} exists already; remove it to train again.")
    if not pairs:
        raise ValueError("There is nothing to train on: no pair of prompt and answer was given.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        whole = Path(scratch) / "whole"
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers go on as if nothing had been drawn
            torch.manual_seed(seed)
            _train(pairs, whole, seed, progress, recipe or Recipe())
        whole.rename(out)
    return TrainedPair(early=out / "early", late=out / "late")


def _train(pairs: Sequence[Pair], out: Path, seed: int, progress: Callable[[str], None], recipe: Recipe) -> None:
    started = told = time.monotonic()
    texts = [text for pair in pairs for text in pair]
    tokenizer = train_tokenizer(texts, vocab_size=recipe.vocab_size, context=recipe.context)
    model = new_model(tokenizer, recipe)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    dialogues = endless_dialogues(
        pairs, tokenizer, random.Random(seed), turns=recipe.turns, system_share=recipe.system_share
    )
    words = word_shares(pairs, tokenizer)
    losses: deque[float] = deque(maxlen=20)
    for step in range(1, recipe.steps + 1):
        optimizer.param_groups[0]["lr"] = _rate(step, recipe)
        tokens, labels = right_padded([next(dialogues) for _ in range(recipe.rows)], tokenizer.pad_token_id)
        losses.append(_step(model, optimizer, tokens, labels, words, recipe.smoothing))
        now = time.monotonic()
        reached = Training(step, sum(losses) / len(losses), round(now - started, 1), seed)
        if now - told > SECONDS_BETWEEN_LINES or step == recipe.steps:
            told = now
            progress(f"step {step} of {recipe.steps}, loss {reached.loss:.2f}, {reached.seconds:.0f} s")
        if step == recipe.early_step:
            _save(model, tokenizer, out / "early", reached)
    _save(model, tokenizer, out / "late", reached)


def new_model(tokenizer: PreTrainedTokenizerFast, recipe: Recipe) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.hidden,
        intermediate_size=recipe.intermediate,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.key_value_heads,
        max_position_embeddings=recipe.context,
        initializer_range=recipe.init_std,
        tie_word_embeddings=True,
        attention_bias=False,
        mlp_bias=False,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    model.train()
    return model


def _step(
    model: LlamaForCausalLM,
    optimizer: torch.optim.Optimizer,
    tokens: Tensor,
    labels: Tensor,
    words: Tensor,
    smoothing: float,
) -> float:
    """One step of the optimizer on tokens and labels, both (rows, longest); its loss without the smoothing."""
    states = model.model(input_ids=tokens, use_cache=False).last_hidden_state  # (rows, longest, hidden)
    said = labels[:, 1:] != IGNORED  # (rows, longest - 1)
    targets = labels[:, 1:][said]  # (said,)
    # Only what the assistant says goes through the head, which is a third of the model.
    log_shares = log_softmax(model.lm_head(states[:, :-1][said]), dim=-1)  # (said, vocabulary)
    loss = -log_shares.gather(-1, targets[:, None]).mean()
    smoothed = (1 - smoothing) * loss - smoothing * (log_shares @ words).mean()
    optimizer.zero_grad()
    smoothed.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def _rate(step: int, recipe: Recipe) -> float:
    """The learning rate: a linear start, then half a cosine down to a fiftieth of the peak."""
    if step <= recipe.warmup_steps:
        return recipe.peak_rate * step / recipe.warmup_steps
    done = (step - recipe.warmup_steps) / (recipe.steps - recipe.warmup_steps)  # 0 to 1
    return recipe.peak_rate * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)


def _save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path, reached: Training) -> None:
    model.save_pretrained(folder)  # model.safetensors, config.json, generation_config.json
    (folder / "model.safetensors").chmod(0o644)  # it is written for its owner alone; a worker may be someone else
    tokenizer.save_pretrained(folder)  # tokenizer.json, tokenizer_config.json, chat_template.jinja
    (folder / "training.json").write_text(json.dumps(asdict(reached), indent=2) + "\n")


def main(pairs_file: str, out: str) -> None:
    # One thread: a second one saves a third of the time on an idle machine and costs ten times as much on a busy one,
    # and the sums of one thread come out the same on any number of cores.
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    pairs = [(prompt, answer) for prompt, answer in json.loads(Path(pairs_file).read_text())]
    try:
        train(pairs, Path(out), progress=lambda line: print(line, flush=True))  # noqa: T201 (the caller shows these lines)
    except FileExistsError as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python -m workers.engines.tiny_training PAIRS.json OUT_DIR")
    main(*sys.argv[1:])
