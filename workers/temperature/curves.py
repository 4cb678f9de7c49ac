"""What is drawn of a sweep, each mean with its 95% interval by resampling prompts (Llama 2, Figures 7, 8 and 21)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from preferences.stats import Interval, expected_max, expected_median
from preferences.stats.arrays import FloatArray
from preferences.stats.resamples import limits, resampled_means
from workers.models import TemperatureSweep
from workers.temperature.questions import QUESTIONS
from workers.temperature.results import Measured

NUMBERS = (1, 10, 25, 50, 100)  # of answers, of which the best is drawn, as in Figure 8
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Curve:
    """Means with their intervals, by temperature or by number of answers."""

    x: list[float]
    means: list[Interval]


def numbers(sweep: TemperatureSweep) -> list[int]:
    """The numbers of answers that are drawn: the paper's as far as the sweep has so many, and the sweep's own."""
    return sorted({n for n in NUMBERS if n <= sweep.answers} | {sweep.best_of})


def best_by_temperature(sweep: TemperatureSweep, found: Measured, drawn: Iterable[int]) -> dict[int, Curve]:
    """Reward of the best of n answers against the temperature, for each n that is drawn: Figure 8, turned around."""
    return {n: _curve(found.grid, expected_max(found.rewards, n), sweep.seed) for n in drawn}


def best_by_answers(sweep: TemperatureSweep, found: Measured, places: Iterable[int]) -> dict[int, Curve]:
    """Reward of the best answer against the number of answers, at each of these places of the grid: Figure 8."""
    return {place: _by_answers(sweep, found.rewards[place], expected_max) for place in places}


def by_answers(sweep: TemperatureSweep, found: Measured, place: int) -> tuple[Curve, Curve, Curve]:
    """Best, median, and the one less the other, against the number of answers, at one temperature: Figure 7."""
    rewards = found.rewards[place]
    best, median, gain = (_by_answers(sweep, rewards, of) for of in (expected_max, expected_median, _gain))
    return best, median, gain


def _gain(rewards: ArrayLike, n: int) -> FloatArray:
    return expected_max(rewards, n) - expected_median(rewards, n)


def _by_answers(sweep: TemperatureSweep, rewards: FloatArray, of: Callable[[ArrayLike, int], FloatArray]) -> Curve:
    """Of rewards (prompts, answers)."""
    counts = range(1, sweep.answers + 1)
    return _curve(counts, [of(rewards, n) for n in counts], sweep.seed)


def self_bleu_by_temperature(sweep: TemperatureSweep) -> dict[str, Curve]:
    """Mean Self-BLEU over the questions of each kind that have it everywhere, against the temperature: Figure 21."""
    done = list(sweep.swept.all())
    found = {}
    for kind, texts in QUESTIONS.items():
        values = [[one.self_bleu[kind][place] for one in done] for place in range(len(texts))]
        whole = [of_question for of_question in values if None not in of_question]
        if done and whole:
            found[kind] = _curve([one.temperature for one in done], np.transpose(whole), sweep.seed)
    return found


def _curve(x: ArrayLike, values: ArrayLike, seed: int) -> Curve:
    """Of values (points, units); one unit has no interval."""
    numbers_: FloatArray = np.asarray(values, dtype=np.float64)
    means = numbers_.mean(axis=1).tolist()
    lows: list[float | None] = [None] * len(means)
    highs: list[float | None] = [None] * len(means)
    if numbers_.shape[1] > 1:
        low, high = limits(resampled_means(numbers_, np.random.default_rng(seed)), confidence=CONFIDENCE)
        lows, highs = low.tolist(), high.tolist()
    intervals = [
        Interval(value=mean, low=low_, high=high_, confidence=CONFIDENCE)
        for mean, low_, high_ in zip(means, lows, highs, strict=True)
    ]
    return Curve(np.asarray(x, dtype=np.float64).tolist(), intervals)
