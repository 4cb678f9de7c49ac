"""Evaluation samples against training documents, from texts to the table of each least length of a match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from exports.contamination.matching import Matcher
from exports.contamination.subsets import Subset, is_affected, subsets
from exports.contamination.texts import Sample, verbalised
from exports.rows import preference_rows
from exports.tokens import tokenizer
from preferences.choices import Split
from preferences.models import Batch

LENGTHS = (10, 20, 30, 40, 50)  # the paper's
CHARACTERS_AT_ONCE = 4_000_000  # of documents: some million tokens beside the index


@dataclass(frozen=True)
class Measured:
    """With matches of at least so many tokens."""

    length: int
    shares: NDArray[Any]  # (samples,), of each sample's tokens
    subsets: list[Subset]

    @property
    def affected(self) -> bool:
        return is_affected(self.subsets)


@dataclass(frozen=True)
class Contamination:
    tokenizer: str
    tokens: list[int]  # of each sample
    documents: int
    by_length: list[Measured]

    @property
    def affected_up_to(self) -> int | None:
        """The longest least length at which the scores still show it, which is the one that the paper reports."""
        return max((found.length for found in self.by_length if found.affected), default=None)


def contamination(
    samples: Sequence[Sample], documents: Iterable[str], *, place: Path | None = None, lengths: Sequence[int] = LENGTHS
) -> Contamination:
    """Reads the documents once. `place` is that of a tokenizer; words without it. TokenizerError."""
    read = 0
    with tokenizer(place) as cut:
        matcher = Matcher(cut.samples([sample.text for sample in samples]))
        for texts in _together(documents):
            matcher.read(cut.documents(texts))
            read += len(texts)
        name = cut.name
    scores = [sample.score for sample in samples if sample.score is not None]
    found = [_measured(matcher, length, scores) for length in lengths]
    return Contamination(name, matcher.lengths.tolist(), read, found)


def _measured(matcher: Matcher, length: int, scores: Sequence[float]) -> Measured:
    shares = matcher.shares(length)
    return Measured(length, shares, subsets(shares, scores or None))


def texts_of(batch: Batch) -> Iterator[str]:
    """What a training run would read of a sealed batch: each prompt with both responses, the held-out ones left out."""
    for row, _ in preference_rows(batch, Split.TRAIN, Counter()):
        answers = {"chosen": row["response_a"]["text"], "rejected": row["response_b"]["text"]}
        yield from verbalised({"prompt": row["messages"], **answers})


def _together(documents: Iterable[str]) -> Iterator[list[str]]:
    texts, characters = [], 0
    for text in documents:
        texts.append(text)
        characters += len(text)
        if characters >= CHARACTERS_AT_ONCE:
            yield texts
            texts, characters = [], 0
    if texts:
        yield texts
