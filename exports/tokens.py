"""Texts as token ids: words as they stand, or as a model's own tokenizer cuts them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from preferences.near_duplicates import DENSE

Tokens = NDArray[np.int64]

_ROOT = Path(__file__).resolve().parents[1]
# Words and marks; where a script writes no spaces, each character.
_WORDS = re.compile(rf"[{DENSE}]|[^\W{DENSE}]+|[^\w\s]")
_OF_NO_SAMPLE = 1 << 40  # stands for every word that no evaluation sample has


class TokenizerError(Exception):
    """Why texts cannot be cut into tokens, as a sentence for the engineer who asked."""


class Tokenizer(Protocol):
    name: str

    def samples(self, texts: Sequence[str]) -> list[Tokens]:
        """Evaluation samples; all of them come before the first document."""

    def documents(self, texts: Sequence[str]) -> list[Tokens]: ...

    def counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each has."""


class Words:
    """Words in lower case, marks, and single characters of Chinese, Japanese and Korean.

    Only the words of the samples are kept, so that memory does not grow.
    """

    name = "words"

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def samples(self, texts: Sequence[str]) -> list[Tokens]:
        ids = self._ids
        return [_row(ids.setdefault(word, len(ids)) for word in _WORDS.findall(text.lower())) for text in texts]

    def documents(self, texts: Sequence[str]) -> list[Tokens]:
        known = self._ids.get
        return [_row(known(word, _OF_NO_SAMPLE) for word in _WORDS.findall(text.lower())) for text in texts]

    def counts(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORDS.findall(text)) for text in texts]


class OwnProcess:
    """A model's tokenizer, in a process of its own: nothing that serves people loads it."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._process, self.name = process, name

    def samples(self, texts: Sequence[str]) -> list[Tokens]:
        return self.documents(texts)

    def documents(self, texts: Sequence[str]) -> list[Tokens]:
        assert self._process.stdin is not None and self._process.stdout is not None  # both are pipes
        try:
            self._process.stdin.write(orjson.dumps(list(texts)) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise TokenizerError(f"The tokenizer {self.name} could not be used.") from None
        if not (line := self._process.stdout.readline()):
            raise TokenizerError(f"The tokenizer {self.name} could not be used.")
        return [np.array(ids, dtype=np.int64) for ids in orjson.loads(line)]

    def counts(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.documents(texts)]


@contextmanager
def tokenizer(place: Path | None) -> Iterator[Tokenizer]:
    """Words where no place is given, else the tokenizer.json there, in the folder or the file itself."""
    if place is None:
        yield Words()
        return
    file = place / "tokenizer.json" if place.is_dir() else place
    if not file.is_file():
        raise TokenizerError(f"There is no tokenizer at {place}; name a folder with a tokenizer.json.")
    command = [sys.executable, "-m", "exports.tokenizing", str(file.resolve())]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield OwnProcess(process, str(file))


def _row(ids: Iterator[int]) -> Tokens:
    return np.fromiter(ids, dtype=np.int64)
