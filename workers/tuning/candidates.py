"""Answers that may become the gold answer of their prompt, with where each comes from. No torch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from workers.engines.base import LARGEST_SEED, Message
from workers.rewards.errors import RewardError
from workers.tuning.folders import manifest_of, read_lines

CANDIDATES = "candidates.jsonl"


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A variant as it is asked: one engine with everything that shapes its answers."""

    variant: str
    engine: str
    location: str
    temperature: float
    top_p: float
    max_tokens: int
    chat_template: str = ""
    system_prompt: str = ""
    max_prompt_tokens: int | None = None
    weights_sha256: str = ""  # those it is registered with; empty where nobody said


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One answer. The same key means the same answer: it is not asked for again."""

    text: str
    variant: str
    weights_sha256: str
    temperature: float
    top_p: float
    seed: int
    max_tokens: int
    system_prompt: str
    round: int  # of the rejection sampling that asked for it, counted from 1
    finish_reason: str
    tokens: int

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.variant, self.weights_sha256, self.temperature, self.top_p, self.max_tokens, self.seed)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Candidate:
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


def prompt_key(messages: Sequence[Mapping[str, str]]) -> str:
    """sha256 in hex of a dialogue up to where the answer begins."""
    plain = [[message["role"], message["content"]] for message in messages]
    return hashlib.sha256(orjson.dumps(plain)).hexdigest()


def seeds(seed: int, key: str, answers: int) -> list[int]:
    """A seed for each answer to a prompt: the first ones stay the same when more are asked for."""
    drawn = (hashlib.sha256(f"{seed}:{key}:{place}".encode()).digest() for place in range(answers))
    return [int.from_bytes(digest[:8], "big") % (LARGEST_SEED + 1) for digest in drawn]


class Earlier:
    """The candidates of earlier sets, found by their prompt: only places are held in memory."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self.manifests = [manifest_of(directory) for directory in directories]
        self._files = [directory / CANDIDATES for directory in directories]
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number, path in enumerate(self._files):
            if not path.is_file():
                raise RewardError(f"There is no {CANDIDATES} in {path.parent}: it is no set of rejection sampling.")
            for key, place in _groups(path):
                self._places.setdefault(key, []).append((number, place))

    @property
    def rounds(self) -> int:
        return max((manifest["round"] for manifest in self.manifests), default=0)

    def of(self, key: str) -> list[Candidate]:
        """All of one prompt, each once, the oldest set first."""
        found: dict[tuple[Any, ...], Candidate] = {}
        for number, place in self._places.get(key, []):
            with self._files[number].open("rb") as file:
                file.seek(place)
                for line in file:
                    row = orjson.loads(line)
                    if row["prompt_key"] != key:
                        break
                    candidate = Candidate.of(row)
                    found.setdefault(candidate.key, candidate)
        return list(found.values())


def _groups(path: Path) -> Iterator[tuple[str, int]]:
    """Where each prompt's candidates begin: they stand together."""
    last, place = "", 0
    with path.open("rb") as file:
        for line in file:
            key = orjson.loads(line)["prompt_key"]
            if key != last:
                yield key, place
            last, place = key, place + len(line)


@dataclass(frozen=True)
class Prompt:
    """What is answered: a line of prompts.jsonl."""

    key: str
    messages: list[Message]
    is_safety: bool

    @classmethod
    def all_of(cls, path: Path) -> Iterator[Prompt]:
        for row in read_lines(path):
            yield cls(row["key"], row["messages"], row["is_safety"])
