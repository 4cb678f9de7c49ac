"""How well a sweep finds the best temperature where it is known, by simulation.

`make temperatures` prints the table of docs/temperatures.md. Scores are normal around each prompt's own level, wider
the higher the temperature; behind 1.15 the level falls. The truth is the best of N answers over very many prompts.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import special

from preferences.stats import expected_max, optimum
from preferences.stats.arrays import FloatArray

GRID = np.arange(1, 16) / 10
ANSWERS, BEST_OF = 25, 10
PROMPTS = (10, 30, 100)
SWEEPS = 500
TRUTH = 20_000  # prompts


def rewards(prompts: int, rng: np.random.Generator) -> FloatArray:
    """Of one sweep, (temperatures, prompts, answers)."""
    level = rng.normal(0.2, 0.8, (1, prompts, 1)) - 0.15 * GRID[:, None, None]
    level = level - 4 * np.maximum(0, GRID[:, None, None] - 1.15) ** 2
    scores = level + 0.7 * GRID[:, None, None] * rng.normal(size=(GRID.size, prompts, ANSWERS))
    found: FloatArray = special.expit(scores)
    return found


def truth() -> FloatArray:
    """The mean reward of the best of N at each temperature."""
    chunks = [expected_max(rewards(1000, np.random.default_rng(n)), BEST_OF) for n in range(TRUTH // 1000)]
    means: FloatArray = np.concatenate(chunks, axis=1).mean(axis=1)
    return means


def row(prompts: int, true: FloatArray) -> list[str]:
    best = int(true.argmax())
    held, in_set, lost, lost_unsmoothed, alike = [], [], [], [], []
    for number in range(SWEEPS):
        rng = np.random.default_rng(10_000 * prompts + number)
        values = expected_max(rewards(prompts, rng), BEST_OF)
        found = optimum(GRID, values, rng=rng)
        held.append(found.low is not None and found.high is not None and found.low <= GRID[best] <= found.high)
        in_set.append(bool(found.alike[best]))
        alike.append(int(found.alike.sum()))
        lost.append(true[best] - true[found.place])
        lost_unsmoothed.append(true[best] - true[values.mean(axis=1).argmax()])
    return [
        str(prompts),
        f"{100 * np.mean(held):.1f}",
        f"{100 * np.mean(in_set):.1f}",
        f"{np.mean(alike):.1f}",
        f"{np.mean(lost):.4f}",
        f"{np.mean(lost_unsmoothed):.4f}",
    ]


def main() -> None:
    true = truth()
    sys.stdout.write(f"best of {BEST_OF} of {ANSWERS} answers is truly best at {GRID[true.argmax()]:g}\n")
    for prompts in PROMPTS:
        sys.stdout.write(f"| {' | '.join(row(prompts, true))} |\n")


if __name__ == "__main__":
    main()
