"""Ordinary collection over fourteen weekly batches in the proportions of Llama 2's table 26, new models on the way.

The chance that a rater prefers one response is exactly that of Bradley and Terry's model with the strengths, the side
and the length below. What the raters of one pair see alike they share: their luck is correlated within a pair, more so
under a later version of the guideline and less so on some categories, so that agreement has something to show. Better
models make harder choices: the cuts between the degrees drift as figure 25 of the paper shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from preferences.choices import Category
from preferences.stats.arrays import FloatArray, IntArray

OF_WEEK = np.array([
    5_561, 17_072, 30_146, 36_206, 49_375, 57_746, 84_388, 95_235, 127_235, 136_729, 136_868, 181_293, 210_881, 249_356,
])  # fmt: skip
SCALE = 1 / 200
RATERS = 3
MODELS = ("sft-v2", "chat-v1", "chat-v2", "chat-v3", "chat-v4", "chat-v5")
STRENGTHS = np.array([0.0, 0.5, 0.9, 1.2, 1.4, 1.5])
LONGER = np.array([-0.2, -0.1, 0.0, 0.1, 0.2, 0.3])  # mean log2 of a model's lengths over the usual one
NEWEST = np.array([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5])  # by week; the one before it answers, too
LEFT, LENGTH = 0.15, 0.25  # log-odds of being shown on the left, and of being twice as long
GUIDELINE = np.array([1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3])
ALIKE = np.array([0.55, 0.68, 0.78])  # correlation of the raters of a pair, by version of the guideline
CATEGORIES = tuple(Category.values)
UNLIKE = np.array([0.0, 0.25, 0.0, 0.1, 0.0])  # less of it, by category
POOLED, POOL_ALIKE = (
    0.3,
    0.12,
)  # of the pairs, those kept for a pool of experienced people; how much more alike these see
TURNS = np.array([0.14, 0.14, 0.16, 0.18, 0.18, 0.20])  # of a dialogue, from 1 up
# Of the absolute log-odds, the shares below each cut between degrees in the first week, and in the last.
CUTS = np.array([[0.30, 0.55, 0.82], [0.37, 0.67, 0.90]])


@dataclass(frozen=True)
class Pairs:
    """One entry a pair; the turns of a dialogue come one after the other."""

    week: IntArray
    dialogue: IntArray
    turn: IntArray
    category: IntArray  # of the dialogue
    pooled: IntArray
    a: IntArray  # the models
    b: IntArray
    left_is_a: IntArray  # (n, RATERS)
    luck: FloatArray  # (n, RATERS), log-odds for B beside those of the models, side and length

    def scores(self, log2_longer: FloatArray) -> IntArray:
        """(n, RATERS): below zero for A, by how much the length of B over A tells."""
        known = STRENGTHS[self.b] - STRENGTHS[self.a] + LENGTH * log2_longer
        odds = known[:, None] + LEFT * (0.5 - self.left_is_a) + self.luck
        done = (self.week / (len(OF_WEEK) - 1))[:, None]
        cuts = 2 * np.arctanh((1 - done) * CUTS[0] + done * CUTS[1])
        degree = 1 + (np.abs(odds)[:, :, None] > cuts[:, None, :]).sum(axis=2)
        return np.asarray(np.where(odds > 0, degree, -degree), dtype=np.int64)


def sample(rng: np.random.Generator, *, size: float = 1.0) -> Pairs:
    wanted = [max(4, round(count * SCALE * size)) for count in OF_WEEK]
    lengths = [_dialogues(rng, count) for count in wanted]
    week = np.repeat(np.arange(len(OF_WEEK)), wanted)
    turns = np.concatenate(lengths)
    dialogue = np.repeat(np.arange(turns.size), turns)
    turn = np.concatenate([np.arange(count) for count in turns])
    n = week.size
    category = rng.integers(0, len(CATEGORIES), turns.size)[dialogue]
    pooled = (rng.random(n) < POOLED).astype(np.int64)
    new_is_b = rng.random(n) < 0.5
    new, old = NEWEST[week], NEWEST[week] - 1
    alike = ALIKE[GUIDELINE[week] - 1] - UNLIKE[category] + POOL_ALIKE * pooled
    shared, own = rng.normal(size=(n, 1)), rng.normal(size=(n, RATERS))
    normal = np.sqrt(alike)[:, None] * shared + np.sqrt(1 - alike)[:, None] * own
    return Pairs(
        week, dialogue, turn, category, pooled,
        np.where(new_is_b, old, new), np.where(new_is_b, new, old),
        rng.integers(0, 2, (n, RATERS)), special.logit(special.ndtr(normal)),
    )  # fmt: skip


def _dialogues(rng: np.random.Generator, pairs: int) -> IntArray:
    """Lengths of dialogues that have so many turns together."""
    lengths = rng.choice(np.arange(1, 1 + TURNS.size), pairs, p=TURNS)
    count = int(np.searchsorted(lengths.cumsum(), pairs)) + 1
    kept = lengths[:count].copy()
    kept[-1] -= int(kept.sum()) - pairs
    return np.asarray(kept, dtype=np.int64)
