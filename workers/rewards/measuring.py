"""A reward model on the held-out rows of exported batches.

    python -m workers.rewards.measuring ORDER.json

ORDER.json is {"model": a reward model's folder, "datasets": [export directories]}; what is found is written beside it,
into evaluations.json. Run like this, the caller itself needs no torch.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from workers.rewards.dataset import BatchOfPairs, Pair, read
from workers.rewards.disagreement import disagreements
from workers.rewards.errors import RewardError
from workers.rewards.evaluation import ScoredPair, count
from workers.rewards.scoring import Scorer, encode, load, quiet, score_ids

FOUND = "evaluations.json"


@dataclass(frozen=True)
class Encoded:
    """A pair as token ids."""

    pair: Pair
    chosen: list[int]
    rejected: list[int]


def fitting(pairs: Sequence[Pair], tokenizer: PreTrainedTokenizerBase, longest: int) -> list[Encoded]:
    """The pairs of which neither side is longer than so many tokens."""
    encoded = (
        Encoded(pair, encode(tokenizer, pair.prompt, pair.chosen), encode(tokenizer, pair.prompt, pair.rejected))
        for pair in pairs
    )
    return [one for one in encoded if max(len(one.chosen), len(one.rejected)) <= longest]


def evaluate(scorer: Scorer, batch: BatchOfPairs) -> list[dict[str, Any]]:
    """By track of the held-out rows: counts, and where the model disagrees most with people; plain data.

    Pairs that the model cannot read whole are left out, counted as `too_long`.
    """
    return [
        _of_track(scorer, batch, track, [pair for pair in batch.test if pair.track == track])
        for track in sorted({pair.track for pair in batch.test})
    ]


def _of_track(scorer: Scorer, batch: BatchOfPairs, track: str, pairs: list[Pair]) -> dict[str, Any]:
    read_whole = fitting(pairs, scorer.tokenizer, scorer.context)
    scores = score_ids(scorer, [ids for one in read_whole for ids in (one.chosen, one.rejected)])
    scored = [
        _scored(one.pair, chosen, rejected)
        for one, chosen, rejected in zip(read_whole, scores[::2], scores[1::2], strict=True)
    ]
    return {
        "batch": batch.source.batch,
        "week": batch.source.week,
        "batch_sha256": batch.source.batch_sha256,
        "track": track,
        "too_long": len(pairs) - len(read_whole),
        "counts": count(scored).as_json(),
        "disagreements": [one.as_json() for one in disagreements(scored)],
    }


def _scored(pair: Pair, chosen: float, rejected: float) -> ScoredPair:
    labels = (pair.chosen_safe, pair.rejected_safe)
    return ScoredPair(pair.comparison, pair.degree, chosen, rejected, *labels, pair.votes_for, pair.votes_against)


def main(file: Path) -> None:
    quiet()
    try:
        order = json.loads(file.read_text())
        batches = [read(Path(directory)) for directory in order["datasets"]]
        scorer = load(order["model"])
        found = [one for batch in batches for one in evaluate(scorer, batch)]
    except RewardError as refusal:
        sys.exit(str(refusal))
    file.with_name(FOUND).write_text(json.dumps(found))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.rewards.measuring ORDER.json")
    main(Path(sys.argv[1]))
