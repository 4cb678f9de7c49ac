"""Prompts that are nearly the same, found without comparing each with every other: MinHash and LSH banding.

A text becomes its set of shingles, short overlapping pieces. How alike two texts are is the Jaccard similarity of
their sets. The least value of a random hash over a set is the same for two sets with probability equal to their
Jaccard similarity ``s`` (Broder 1997); ``BANDS`` keys, each made of ``ROWS`` such least values, therefore have one in
common with probability ``1 - (1 - s ** ROWS) ** BANDS``. With 24 bands of 5 rows:

    ===========  ======  ======  ======  ======  ======  ======  =======
    s             0.2     0.3     0.4     0.5     0.6     0.7     0.8
    found         0.008   0.057   0.219   0.533   0.857   0.988   0.9999
    ===========  ======  ======  ======  ======  ======  ======  =======

``sketch`` gives the keys, to be stored and looked up by overlap; what is found is then measured with ``nearest``, so
that a chance meeting costs one reading and never a wrong answer.

Stored sketches stay comparable only while ``shingles`` and ``sketch`` give the same values: a change here means that
all stored sketches are made anew. Tests pin the values. They rest on no seed of the process, on no random stream of
a library, and on Python only through its Unicode tables, which do not change for characters once assigned.

References
----------
Broder, A. Z. (1997). On the resemblance and containment of documents. Compression and Complexity of Sequences, 21-29.
Leskovec, J., Rajaraman, A. and Ullman, J. D. (2020). Mining of Massive Datasets (3rd ed.), chapter 3.
Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA, 453-472.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K")
Words = NDArray[np.uint64]
Keys = NDArray[np.int64]

BANDS = 24
ROWS = 5
AT_ONCE = 256  # texts whose pieces stay in the processor's cache

# From here on two prompts count as nearly the same. A mistyped letter, a mark left out, or a name changed in a prompt
# of some sentences stay above. "What is the capital of France?" and "... of Spain?" lie at 0.55: two questions. But
# letters are not meaning: a list sorted "in ascending order" and one "in descending order" lie at 0.87, while a very
# short prompt with one word more falls to 0.69. So a find is something to show to a person, not a reason to refuse.
NEAR = 0.7

# From here on two prompts are kept on one side of the split (preferences.actions.holdout). There a machine decides, so
# only what nobody would call another prompt: of a prompt of forty letters one letter is another, of a long one some
# words. Two of this similarity share two keys in 999 of 1,000 cases.
SAME = 0.8

# Shingles are pieces of characters, not of words: Chinese, Japanese and Thai write no spaces, endings and typing
# errors change a part of a word only, and a prompt of ten words has too few pieces of several words to lose one.
UNITS = 5
# A Han character, kana or Hangul syllable says about what two letters say, so three of them fill a piece. Counting by
# character, not by text, keeps an edit local: no share of scripts decides about all pieces at once.
DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_DENSE = re.compile(f"[{DENSE}]")
# Spaces around the text, so that its first and last letters are in as many pieces as those in the middle: "2+2" and
# "2+3" at the end of a question would else differ in one piece only. A text of one letter has pieces too.
_EDGE = " " * (UNITS - 1)

_APOSTROPHES = frozenset("'\u2018\u2019\u201b\u02bc\u02bb`")
_GAMMA = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def shingles(text: str) -> frozenset[str]:
    """The overlapping pieces of `text`, at most five characters each; never empty.

    Case, white space, Unicode form, punctuation and invisible characters make no difference; signs such as + and <
    do. Prompts of one family (`family_of`) have the same shingles. A text of nothing but punctuation keeps it.
    """
    plain = f"{_EDGE}{_plain(text)}{_EDGE}"
    units = [2 if _DENSE.match(character) else 1 for character in plain]
    pieces, end, filled = set(), 0, 0
    for start, unit in enumerate(units):
        while filled < UNITS and end < len(units):
            filled += units[end]
            end += 1
        if filled < UNITS:
            break
        pieces.add(plain[start:end])
        filled -= unit
    return frozenset(pieces)


def sketch(text: str) -> list[int]:
    """`BANDS` signed 64-bit keys; texts that are near have at least one in common, almost always."""
    keys: list[int] = sketches([text])[0].tolist()
    return keys


def sketches(texts: Sequence[str]) -> Keys:
    """The keys of many texts, a row of `BANDS` for each: some twenty times as fast as one by one."""
    rows = [_sketches(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    return np.concatenate(rows) if rows else np.empty((0, BANDS), dtype=np.int64)


def similarity(a: str, b: str) -> float:
    """The Jaccard similarity of the shingles of `a` and `b`, exactly: from 0, nothing in common, to 1."""
    return jaccard(shingles(a), shingles(b))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of all pieces that both have."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def weight(text: str) -> int:
    """How many letters and spaces its shingles are made of; a character that says what two letters say is two."""
    plain = _plain(text)
    return len(plain) + (0 if plain.isascii() else len(_DENSE.findall(plain)))


def nearest(text: str, candidates: Iterable[tuple[K, str]]) -> tuple[K, float] | None:
    """The key and the similarity of the candidate most like `text`, the first of equals; None if none is near."""
    pieces, best = shingles(text), None
    for key, other in candidates:
        alike = jaccard(pieces, shingles(other))
        if alike >= NEAR and (best is None or alike > best[1]):
            best = (key, alike)
    return best


def _plain(text: str) -> str:
    if text.isascii():  # most are: the same as below, five times as fast
        lower = text.lower()
        return " ".join(lower.translate(_ASCII).split()) or " ".join(lower.split())
    # The first line is what family_of hashes. Casefolding can undo NFKC, hence the second pass.
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    folded = unicodedata.normalize("NFKC", plain)
    bare = " ".join(folded.translate({ord(character): _light(character) for character in set(folded)}).split())
    return bare or plain


def _light(character: str) -> str:
    """A space for punctuation, nothing for apostrophes and what cannot be seen, else the character."""
    kind = unicodedata.category(character)
    if character in _APOSTROPHES or kind == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    return " " if kind[0] == "P" or kind == "Cc" else character


def _sketches(texts: Sequence[str]) -> Keys:
    plain = [f"{_EDGE}{_plain(text)}{_EDGE}" for text in texts]
    values, starts = _values_of_pieces(plain)
    # a x + b modulo 2 ** 64 with odd a is a permutation; the values it permutes are mixed already.
    least = np.stack([np.minimum.reduceat(values * a + b, starts) for a, b in _PERMUTATIONS], axis=1)
    # The number of the band is part of its key: equal values in different bands are no meeting.
    bands = np.tile(np.arange(BANDS, dtype=np.uint64), len(texts))[:, None]
    numbered = np.concatenate([bands, least.reshape(-1, ROWS)], axis=1)
    return _folded(numbered).view(np.int64).reshape(len(texts), BANDS)


def _values_of_pieces(plain: Sequence[str]) -> tuple[Words, NDArray[np.intp]]:
    """A number for each piece of the texts, as `shingles` cuts them, and where each text's begin.

    A piece that a text has twice is there twice: the least value is the same.
    """
    joined = "".join(plain)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    lengths = np.array([len(text) for text in plain])
    ends = np.repeat(np.cumsum(lengths), lengths)
    units = np.ones(len(codes), dtype=np.int64)
    if not joined.isascii():
        units[[match.start() for match in _DENSE.finditer(joined)]] = 2
    padded_codes = np.concatenate([codes, np.zeros(UNITS, dtype=np.uint64)])
    padded_units = np.concatenate([units, np.zeros(UNITS, dtype=np.int64)])
    filled, wide = np.zeros(len(codes), dtype=np.int64), np.zeros(len(codes), dtype=np.int64)
    columns = np.zeros((len(codes), UNITS), dtype=np.uint64)
    for place in range(UNITS):
        open_still = filled < UNITS
        columns[:, place] = np.where(open_still, padded_codes[place : place + len(codes)], 0)
        filled += np.where(open_still, padded_units[place : place + len(codes)], 0)
        wide += open_still
    whole = np.arange(len(codes)) + wide <= ends
    first = np.concatenate([[0], np.cumsum(whole)])[np.cumsum(lengths) - lengths]
    return _folded(columns[whole]), first


def _folded(rows: Words) -> Words:
    """One well-mixed number for each row, whose order counts."""
    total = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        total = _mixed(total * np.uint64(_GAMMA) + column + np.uint64(1))
    return total


def _mixed(x: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _permutations() -> list[tuple[np.uint64, np.uint64]]:
    # SplitMix64 written out: NumPy does not promise that its random streams stay as they are.
    states = np.array([_GAMMA * step & _MASK for step in range(1, 2 * BANDS * ROWS + 1)], dtype=np.uint64)
    drawn = _mixed(states)
    return [(a | np.uint64(1), b) for a, b in zip(drawn[::2], drawn[1::2], strict=True)]


_PERMUTATIONS = _permutations()
_ASCII = {code: _light(chr(code)) for code in range(128)}
