"""A helpfulness evaluation: 4,173 prompts, 1,917 of them of one turn (Llama 2, table 32), three raters.

Each prompt is in truth a loss, a tie or a win, with chances by its category and by whether messages came before it;
each rater then puts it on one of seven places. The chances are such that verdicts and agreement come out about as the
paper has them for its largest model: 36% wins, 31% ties (figure 1), an AC2 within 0.37 to 0.55.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from preferences.choices import Category
from preferences.scales import Scale
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.weights import matrix

SINGLE, MULTI = 1_917, 2_256
RATERS = 3
CATEGORIES = tuple(Category.values)
SHARES = np.array([0.28, 0.24, 0.14, 0.16, 0.18])  # of the categories
WIN_SHIFT = np.array([-0.06, 0.07, 0.0, 0.04, -0.04])  # of the chance to win, taken from that to lose
MULTI_SHIFT = 0.02
LATENT = np.array([0.237, 0.485, 0.278])  # a loss, a tie, a win
SECOND = 0.3  # of the prompts with messages before them, those with a second category
TURNS = np.array([0.45, 0.25, 0.15, 0.1, 0.05])  # from 2 up
# How raters place what is in truth a tie, and a win; a loss is the mirror image of a win.
OF_TIE = np.array([0.05, 0.12, 0.17, 0.32, 0.17, 0.12, 0.05])
OF_WIN = np.array([0.03, 0.06, 0.08, 0.15, 0.21, 0.25, 0.22])
PLACES = np.stack([OF_WIN[::-1], OF_TIE, OF_WIN])


@dataclass(frozen=True)
class Prompts:
    category: IntArray  # (n,)
    second: IntArray  # (n,), -1 where there is none
    turns: IntArray  # (n,)
    places: IntArray  # (n, RATERS), from 0 for the strongest loss to 6 for the strongest win


@dataclass(frozen=True)
class Rates:
    """True shares of verdicts."""

    win: float
    tie: float
    loss: float


def sample(rng: np.random.Generator, *, size: float = 1.0) -> Prompts:
    single, multi = round(SINGLE * size), round(MULTI * size)
    n = single + multi
    is_multi = np.arange(n) >= single
    category = rng.choice(len(CATEGORIES), n, p=SHARES)
    other = (category + rng.integers(1, len(CATEGORIES), n)) % len(CATEGORIES)
    turns = np.where(is_multi, rng.choice(np.arange(2, 2 + TURNS.size), n, p=TURNS), 1)
    truth = _drawn(rng, np.stack([_latent(c, bool(m)) for c, m in zip(category, is_multi, strict=True)]))
    places = np.stack([_drawn(rng, PLACES[truth]) for _ in range(RATERS)], axis=1)
    order = rng.permutation(n)
    second = np.where(is_multi & (rng.random(n) < SECOND), other, -1)
    return Prompts(category[order], second[order], turns[order], places[order])


def rates() -> dict[str, Rates]:
    """By what a report sorts by: “all”, each category, “single” and “multi”.

    A prompt with two categories counts in both, and its chances are those of the first.
    """
    cells = list(_cells())
    found = {"all": _mean([(share, latent) for share, _, _, latent in cells])}
    for place, category in enumerate(CATEGORIES):
        of_it = []
        for share, first, is_multi, latent in cells:
            as_second = SECOND / (len(CATEGORIES) - 1) if is_multi else 0.0
            of_it.append((share * (1.0 if first == place else as_second), latent))
        found[category] = _mean(of_it)
    for name, wanted in (("single", False), ("multi", True)):
        found[name] = _mean([(share, latent) for share, _, is_multi, latent in cells if is_multi is wanted])
    return found


def agreement() -> float:
    """The true AC2 with quadratic weights; sides are drawn, so that the places are seen from either end alike."""
    joint = np.zeros((7, 7))
    for share, _, _, latent in _cells():
        joint += share * PLACES.T @ np.diag(latent) @ PLACES
    joint = (joint + joint[::-1, ::-1]) / 2
    weights, pi = matrix("quadratic", np.arange(1, 8)), joint.sum(axis=0)
    pa, pe = float((weights * joint).sum()), float(weights.sum() / 42 * (pi * (1 - pi)).sum())
    return (pa - pe) / (1 - pe)


def scores(places: IntArray, *, system_is_b: bool) -> list[int]:
    """As they are stored: below zero for response A."""
    return [Scale.SEVEN_POINT.scores[place if system_is_b else 6 - place] for place in places.tolist()]


def _latent(category: int, is_multi: bool) -> FloatArray:
    shift = WIN_SHIFT[category] + (MULTI_SHIFT if is_multi else 0.0)
    return np.asarray(LATENT + np.array([-shift, 0.0, shift]), dtype=np.float64)


def _cells() -> Iterator[tuple[float, int, bool, FloatArray]]:
    """Share of the population, category, whether messages came before, and the chances of a loss, a tie and a win."""
    for is_multi, prompts in ((False, SINGLE), (True, MULTI)):
        for category, share in enumerate(SHARES):
            yield prompts / (SINGLE + MULTI) * float(share), category, is_multi, _latent(category, is_multi)


def _mean(cells: list[tuple[float, FloatArray]]) -> Rates:
    total = sum(share for share, _ in cells)
    loss, tie, win = np.sum([share * _verdicts(latent) for share, latent in cells], axis=0) / total
    return Rates(float(win), float(tie), float(loss))


def _verdicts(latent: FloatArray) -> FloatArray:
    """Chances that the median of three ratings is a loss, a tie or a win: two of three lie on a side, or neither do."""
    below, above = PLACES[:, :3].sum(axis=1), PLACES[:, 4:].sum(axis=1)
    loss, win = (3 * side**2 * (1 - side) + side**3 for side in (below, above))
    return np.asarray(latent @ np.stack([loss, 1 - loss - win, win], axis=1), dtype=np.float64)


def _drawn(rng: np.random.Generator, chances: FloatArray) -> IntArray:
    """A place of each row, by the row's chances."""
    return np.asarray((rng.random((len(chances), 1)) > chances.cumsum(axis=1)).sum(axis=1), dtype=np.int64).clip(
        max=chances.shape[1] - 1
    )
