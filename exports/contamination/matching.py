"""Spans of evaluation samples that stand in training text, token for token but for a few (Llama 2, section A.6).

A span matches where its first SEED tokens are the same, at most BUDGET of the others differ, and the last one does not.
The evaluation set is indexed once and training text read past it, so that time grows with the text and memory does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from exports.tokens import Tokens

SEED = 10  # tokens at the beginning of a span, all the same
SHORTEST = SEED + 1  # “longer than 10 tokens”
BUDGET = 4  # tokens of a span that may differ
BLOCK = 64  # tokens compared at once
PAIRS_AT_ONCE = 1 << 14

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_FILTER_BITS = 22
# What stands between texts; it equals nothing on the other side, so that no span runs from one text into the next.
_BETWEEN_SAMPLES, _BETWEEN_DOCUMENTS = -1, -2


class Matcher:
    """The evaluation samples, and for each of their tokens the longest span that begins there and was met so far."""

    def __init__(self, samples: Sequence[Tokens]) -> None:
        """`samples`: token ids, each from 0 up."""
        self.lengths = np.array([len(sample) for sample in samples], dtype=np.int64)
        self._tokens, self._ends = _joined(samples, _BETWEEN_SAMPLES)
        self._sample = np.repeat(np.arange(len(samples)), self.lengths + 1)
        self._longest = np.zeros(len(self._tokens), dtype=np.int64)
        hashes, places = _seeds(self._tokens, self._ends)
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._places = hashes[order], places[order]
        self._may_be = np.zeros(1 << _FILTER_BITS, dtype=bool)
        self._may_be[_bucket(hashes)] = True

    def read(self, documents: Sequence[Tokens]) -> None:
        """Looks for the samples in some training documents; call it as often as there are more."""
        tokens, ends = _joined(documents, _BETWEEN_DOCUMENTS)
        hashes, there = _seeds(tokens, ends)
        some = self._may_be[_bucket(hashes)]
        hashes, there = hashes[some], there[some]
        low, high = (np.searchsorted(self._hashes, hashes, side=side) for side in ("left", "right"))
        for part in _parts(high - low):
            here, found = self._pairs(low[part], high[part], there[part])
            # Where the tokens before are the same too, the span from there holds this one.
            new = self._tokens[here - 1] != tokens[found - 1]
            new &= self._longest[here] < self._ends[here] - here
            self._extend(here[new], found[new], tokens, ends)

    def _pairs(self, low: Tokens, high: Tokens, there: Tokens) -> tuple[Tokens, Tokens]:
        """Each place in a document with each of the places in the samples that begin like it."""
        counts = high - low
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._places[np.repeat(low, counts) + within], np.repeat(there, counts)

    def _extend(self, here: Tokens, there: Tokens, tokens: Tokens, ends: Tokens) -> None:
        """Goes on from each pair of places until more than BUDGET tokens differ or one of the texts ends."""
        length, differing = np.zeros(len(here), dtype=np.int64), np.zeros(len(here), dtype=np.int64)
        room = np.minimum(self._ends[here] - here, ends[there] - there)
        going, done = np.arange(len(here)), 0
        while len(going):
            offsets = done + np.arange(BLOCK)
            inside = offsets < room[going, None]
            ours = self._tokens[np.minimum(here[going, None] + offsets, len(self._tokens) - 1)]
            theirs = tokens[np.minimum(there[going, None] + offsets, len(tokens) - 1)]
            same = (ours == theirs) & inside
            wrong = differing[going, None] + np.cumsum(~same, axis=1)
            good = same & (wrong <= BUDGET)
            last = BLOCK - np.argmax(good[:, ::-1], axis=1)
            length[going] = np.where(good.any(axis=1), done + last, length[going])
            differing[going] = wrong[:, -1]
            done += BLOCK
            going = going[(differing[going] <= BUDGET) & (done < room[going])]
        # Equal hashes of different tokens are as rare as they are harmless here.
        whole = length >= SHORTEST
        whole[whole] &= _begin_alike(self._tokens, here[whole], tokens, there[whole])
        np.maximum.at(self._longest, here[whole], length[whole])

    def contaminated(self, shortest: int = SHORTEST) -> list[NDArray[np.bool_]]:
        """Of each sample, which tokens lie in a matching span of at least `shortest` tokens."""
        begins = np.flatnonzero(self._longest >= max(shortest, SHORTEST))
        steps = np.zeros(len(self._tokens) + 1, dtype=np.int64)
        np.add.at(steps, begins, 1)
        np.add.at(steps, begins + self._longest[begins], -1)
        covered = np.cumsum(steps[:-1]) > 0
        beginnings = np.cumsum(self.lengths + 1) - self.lengths
        return [covered[start : start + length] for start, length in zip(beginnings, self.lengths, strict=True)]

    def shares(self, shortest: int = SHORTEST) -> NDArray[np.float64]:
        """Of each sample, the share of its tokens that are contaminated: (samples,), 0 for one without tokens."""
        counts = np.array([mask.sum() for mask in self.contaminated(shortest)], dtype=np.float64)
        return np.divide(counts, self.lengths, out=np.zeros(len(counts)), where=self.lengths > 0)


def _joined(texts: Iterable[Tokens], between: int) -> tuple[Tokens, Tokens]:
    """All tokens in one row, each text after a mark; and for each place where its text ends."""
    mark = np.array([between], dtype=np.int64)
    parts = [part for text in texts for part in (mark, np.asarray(text, dtype=np.int64))]
    tokens = np.concatenate([*parts, mark])
    marks = np.flatnonzero(tokens == between)
    ends = marks[np.searchsorted(marks, np.arange(len(tokens)), side="left")]
    return tokens, ends


def _seeds(tokens: Tokens, ends: Tokens) -> tuple[NDArray[np.uint64], Tokens]:
    """A hash of SEED tokens from each place where as many are left in the text, and these places."""
    places = np.arange(max(len(tokens) - SEED + 1, 0))
    hashes = np.zeros(len(places), dtype=np.uint64)
    for offset in range(SEED):
        hashes = hashes * _FACTOR + tokens[offset : offset + len(places)].astype(np.uint64) + np.uint64(1)
    hashes ^= hashes >> np.uint64(29)
    whole = ends[: len(places)] - places >= SEED
    return hashes[whole], places[whole]


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = hashes * _FACTOR
    return (mixed >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)


def _parts(counts: Tokens) -> list[slice]:
    """Slices of `counts` that sum to about PAIRS_AT_ONCE each."""
    if not len(counts):
        return []
    number = (np.cumsum(counts) - counts) // PAIRS_AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1), len(counts)]
    return [slice(start, end) for start, end in pairwise(edges)]


def _begin_alike(ours: Tokens, here: Tokens, theirs: Tokens, there: Tokens) -> NDArray[np.bool_]:
    offsets = np.arange(SEED)
    same: NDArray[np.bool_] = (ours[here[:, None] + offsets] == theirs[there[:, None] + offsets]).all(axis=1)
    return same
