"""Runs of more than ten tokens that a text shares with others, found by hash: the quick form of a contamination check.

A match in Llama 2's section A.6 is longer than ten tokens, and some of them may differ. Here they may not: each run of
``LENGTH`` tokens is one hash, so that whole evaluation sets are looked up in one question while a person writes. What
differs in a few words is found by the full check on what was collected (``exports.contamination``).

Stored hashes stay comparable only while ``hashes`` gives the same values; tests pin some. They rest on no seed of the
process, and on Python only through its Unicode tables.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from preferences.near_duplicates import DENSE

LENGTH = 11  # “longer than 10 tokens”

# Words and marks; where a script writes no spaces, each character.
_TOKENS = re.compile(rf"[{DENSE}]|[^\W{DENSE}]+|[^\w\s]")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Shared:
    """What of some texts stands in others."""

    share: float  # of their tokens
    passage: str  # the longest, as it was written


class Runs:
    """The runs of some texts; none goes on from one text into the next."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [unicodedata.normalize("NFKC", text) for text in texts]
        tokens = [_TOKENS.findall(text) for text in self._texts]
        self.tokens = sum(map(len, tokens))
        words = np.fromiter((_word(token) for text in tokens for token in text), dtype=np.uint64, count=self.tokens)
        self._of_text = np.repeat(np.arange(len(texts)), [len(text) for text in tokens])
        places = np.arange(max(self.tokens - LENGTH + 1, 0))
        self._begins = places[self._of_text[places] == self._of_text[places + LENGTH - 1]]
        self.hashes = _mixed(words, len(places))[self._begins]  # (runs,) int64

    def shared(self, with_: Collection[int]) -> Shared | None:
        """What of them stands in the texts whose hashes `with_` has; None where nothing does."""
        found = self._begins[np.isin(self.hashes, np.fromiter(with_, dtype=np.int64, count=len(with_)))]
        if not len(found):
            return None
        covered = np.zeros(self.tokens, dtype=bool)
        covered[found[:, None] + np.arange(LENGTH)] = True
        first, last = self._longest(covered)
        return Shared(float(covered.mean()), self._written(first, last))

    def _longest(self, covered: NDArray[np.bool_]) -> tuple[int, int]:
        """The first and the last token of the longest stretch that is covered, in one text."""
        tokens = np.flatnonzero(covered)
        breaks = (np.diff(tokens) > 1) | (np.diff(self._of_text[tokens]) > 0)
        edges = np.flatnonzero(np.concatenate([[True], breaks, [True]]))
        longest = int(np.argmax(np.diff(edges)))
        return int(tokens[edges[longest]]), int(tokens[edges[longest + 1] - 1])

    def _written(self, first: int, last: int) -> str:
        place = int(self._of_text[first])
        begin = int(np.searchsorted(self._of_text, place))
        spans = [match.span() for match in _TOKENS.finditer(self._texts[place])]
        return self._texts[place][spans[first - begin][0] : spans[last - begin][1]]


@lru_cache(maxsize=1 << 17)
def _word(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.casefold().encode("utf-8", "replace"), digest_size=8).digest())


def _mixed(words: NDArray[np.uint64], runs: int) -> NDArray[np.int64]:
    """A hash of LENGTH words from each of the first `runs` places on, as PostgreSQL's bigint holds it."""
    hashes = np.zeros(runs, dtype=np.uint64)
    for offset in range(LENGTH):
        hashes = (hashes + words[offset : offset + runs]) * _FACTOR
        hashes ^= hashes >> np.uint64(29)
    return hashes.view(np.int64)
