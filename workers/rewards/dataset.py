"""Exported batch directories as pairs: read, checked against their manifest, mixed for a track."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from preferences.choices import Split, Track
from preferences.margins import MARGINS
from preferences.scales import HIGHEST_VIOLATION
from workers.rewards.errors import RewardError
from workers.rewards.recipe import MANIFEST

# What the safety model sees of other tracks: a tenth of its pairs (Llama 2, section 3.2.2).
OTHERS_OF_SAFETY = 0.1

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Pair:
    """A comparison with its verdict. Safe or not is None where nobody scored the responses."""

    comparison: str
    track: str
    degree: str  # empty where the scale has none
    prompt: tuple[dict[str, str], ...]
    chosen: str
    rejected: str
    chosen_safe: bool | None
    rejected_safe: bool | None
    votes_for: int
    votes_against: int

    def margin(self, name: str) -> float | None:
        """The number that the degree becomes; None where training goes without margins."""
        by_degree = MARGINS[name]
        if by_degree is None:
            return None
        return {str(degree): number for degree, number in by_degree.items()}.get(self.degree, 0.0)


@dataclass(frozen=True)
class Source:
    """Which batch it was, by hash: what a reward model keeps of where it comes from."""

    batch: str
    week: str
    batch_sha256: str
    manifest_sha256: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class BatchOfPairs:
    """One export directory."""

    source: Source
    train: list[Pair]
    test: list[Pair]


def read(directory: Path) -> BatchOfPairs:
    """The pairs of an export; RewardError where it is none, or where a file is not the one that the manifest names."""
    manifest = _manifest(directory)
    try:
        batch = manifest["batch"]
        source = Source(
            batch=batch["name"] if batch["version"] == 1 else f"{batch['name']} version {batch['version']}",
            week=batch["week"],
            batch_sha256=batch["sha256"],
            manifest_sha256=_sha256(directory / MANIFEST),
        )
        files = manifest["files"]
    except (KeyError, TypeError):
        raise RewardError(f"{directory / MANIFEST} is not the manifest of an exported batch.") from None
    return BatchOfPairs(source, *(_split(directory, split, files) for split in Split))


def mixed(pairs: Iterable[Pair], track: str, *, seed: int) -> list[Pair]:
    """What a track's model is trained on (Llama 2, section 3.2.2): all pairs of its own, and a draw from the others.

    The helpfulness model takes as many others as it has own ones; of the safety model's pairs they are a tenth. Where
    there are fewer others, all of them are taken.
    """
    everything = list(pairs)
    own = [pair for pair in everything if pair.track == track]
    others = [pair for pair in everything if pair.track != track]
    if not own:
        raise RewardError(f"None of the {len(everything)} training pairs is of the {track} track.")
    wanted = len(own) if track == Track.HELPFULNESS else round(len(own) * OTHERS_OF_SAFETY / (1 - OTHERS_OF_SAFETY))
    return own + random.Random(seed).sample(others, min(wanted, len(others)))


def _manifest(directory: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((directory / MANIFEST).read_bytes())
    except OSError:
        raise RewardError(f"There is no {MANIFEST} in {directory}: name the directory of an export.") from None
    except ValueError:
        raise RewardError(f"{directory / MANIFEST} is not JSON: export the batch again.") from None
    return found


def _split(directory: Path, split: Split, files: Mapping[str, Any]) -> list[Pair]:
    """The pairs of all shards of a split; none where it has no rows, and so no file."""
    pairs: list[Pair] = []
    for name in sorted(fnmatch.filter(files, f"data/{split}*.parquet")):
        path = directory / name
        if not path.is_file() or _sha256(path) != files[name]["sha256"]:
            raise RewardError(
                f"{path} is not the file that the manifest names: it was changed or lost. Export it again."
            )
        pairs += [_pair(row) for row in pq.read_table(path).to_pylist()]
    return pairs


def _pair(row: Mapping[str, Any]) -> Pair:
    scores = [score for score in row["scores"] if score is not None]
    return Pair(
        comparison=row["comparison"],
        track=row["track"],
        degree=row["degree"],
        prompt=tuple(row["prompt"]),
        chosen=row["chosen"][-1]["content"],
        rejected=row["rejected"][-1]["content"],
        chosen_safe=_is_safe(row["chosen_safety"]),
        rejected_safe=_is_safe(row["rejected_safety"]),
        votes_for=sum(score > 0 for score in scores),
        votes_against=sum(score < 0 for score in scores),
    )


def _is_safe(score: float | None) -> bool | None:
    return None if score is None else score > HIGHEST_VIOLATION


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
