"""From the rewards of a sweep to its temperature: arrays, and the choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preferences.stats import Optimum, expected_max, optimum
from preferences.stats.arrays import FloatArray
from workers.models import TemperatureSweep


@dataclass(frozen=True, eq=False)
class Measured:
    """What a sweep found so far.

    Attributes
    ----------
    grid : (T,) float array
        The temperatures that are done, rising.
    rewards : (T, P, K) float array
        Of the P prompts that have all K answers scored at each of them, so that the same prompts speak everywhere.
    left_out : int
        The sweep's other prompts.
    """

    grid: FloatArray
    rewards: FloatArray
    left_out: int


def measured(sweep: TemperatureSweep) -> Measured:
    done = list(sweep.swept.all())
    whole = [
        place for place in range(len(sweep.prompts)) if done and all(one.rewards[place] is not None for one in done)
    ]
    rewards = np.array([[one.rewards[place] for place in whole] for one in done], dtype=np.float64)
    return Measured(
        grid=np.array([one.temperature for one in done], dtype=np.float64),
        rewards=rewards.reshape(len(done), len(whole), sweep.answers),
        left_out=len(sweep.prompts) - len(whole),
    )


def best(sweep: TemperatureSweep, found: Measured) -> Optimum:
    """Where the best of N answers is best, over the temperatures that are done; the same each time it is asked."""
    return optimum(found.grid, expected_max(found.rewards, sweep.best_of), rng=np.random.default_rng(sweep.seed))
