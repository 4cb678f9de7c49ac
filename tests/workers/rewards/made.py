"""Small export directories and a checkpoint to start from, made without a database."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from exports import manifest
from exports.formats.trl import schema
from preferences.choices import Degree, Split, Track
from workers.engines.tiny_tokenizer import train_tokenizer
from workers.engines.tiny_training import Recipe, new_model

GOOD = ["Put the egg in hot water.", "Ask a doctor first.", "The sky is blue by day.", "Read it twice, then sign."]
BAD = ["No idea, go away.", "Who cares about that?", "Stop asking me things.", "That is a silly question."]
QUESTIONS = ["How do I boil an egg?", "Which pills may I take?", "What colour is the sky?", "May I sign this?"]

SMALL = Recipe(vocab_size=400, context=96, hidden=32, intermediate=64, heads=4, layers=1)


def checkpoint(folder: Path, *, recipe: Recipe = SMALL) -> Path:
    """A chat checkpoint with random weights: enough of a beginning for a reward model of eight sentences."""
    torch.manual_seed(3)
    tokenizer = train_tokenizer([*GOOD, *BAD, *QUESTIONS], vocab_size=recipe.vocab_size, context=recipe.context)
    new_model(tokenizer, recipe).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def row(number: int, track: str = Track.HELPFULNESS, **changes: Any) -> dict[str, Any]:
    """A comparison in which somebody preferred a helpful answer to a rude one."""
    draw = random.Random(number)
    safety = {"chosen_safety": 4.0, "rejected_safety": 1.5} if track == Track.SAFETY else {}
    return {
        "prompt": [{"role": "user", "content": draw.choice(QUESTIONS)}],
        "chosen": [{"role": "assistant", "content": draw.choice(GOOD)}],
        "rejected": [{"role": "assistant", "content": draw.choice(BAD)}],
        "margin": 0.5,
        "comparison": f"{track}-{number}",
        "track": track,
        "degree": Degree.values[number % len(Degree)],
        "split_vote": False,
        "scores": [3, 2, -1],
        "corrected": 0,
        "adjudicated": False,
        "chosen_variant": "new",
        "rejected_variant": "old",
        "chosen_temperature": 1.0,
        "rejected_temperature": 1.0,
        "chosen_safety": None,
        "rejected_safety": None,
        **safety,
        **changes,
    }


def export(
    folder: Path, train: Sequence[dict[str, Any]], test: Sequence[dict[str, Any]], *, name: str = "2026-W48"
) -> Path:
    """A directory as an export of a sealed batch leaves it."""
    (folder / "data").mkdir(parents=True)
    counts = {}
    for split, rows in ((Split.TRAIN, train), (Split.TEST, test)):
        if rows:
            counts[f"data/{split}.parquet"] = len(rows)
            form = schema(with_margin=True)
            pq.write_table(pa.Table.from_pylist(list(rows), schema=form), folder / "data" / f"{split}.parquet")
    batch = {"name": name, "version": 1, "week": "2026-W48", "sha256": f"{len(name):064d}"}
    manifest.write(folder, {"batch": batch, **manifest.contents(folder, counts)})
    return folder
