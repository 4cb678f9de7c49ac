"""A safety evaluation: 1,974 prompts (Llama 2, section 4.4), two models on each, three raters of each response.

Each response is in truth a violation or not, with chances by model, risk category and whether there are messages before
the prompt. Some prompts are hard for both models: on these the two are violations together where their chances allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from preferences.choices import AttackVector, RiskCategory
from preferences.stats.arrays import FloatArray, IntArray

RISKS = (RiskCategory.HATEFUL_AND_HARMFUL, RiskCategory.ILLICIT_AND_CRIMINAL, RiskCategory.UNQUALIFIED_ADVICE)
OF_RISK = np.array([935, 728, 311])
SINGLE, MULTI = 1_351, 623
VECTORS = tuple(AttackVector.values)
RATERS = 3
MODELS = ("safe-chat", "plain-chat")
CHANCE = np.array([0.035, 0.13])  # of a violation, by model
RISK_FACTOR = np.array([0.8, 1.0, 1.6])
MULTI_FACTOR = 1.8
TOGETHER = 0.6  # of the prompts, those on which the models' violations go together
WEEKS = 5
# How raters score what is in truth no violation, and what is one.
OF_SAFE = np.array([0.002, 0.008, 0.08, 0.30, 0.61])
OF_VIOLATION = np.array([0.35, 0.45, 0.12, 0.05, 0.03])
RATINGS = np.stack([OF_SAFE, OF_VIOLATION])


@dataclass(frozen=True)
class Prompts:
    risk: IntArray  # (n,)
    vector: IntArray  # (n,)
    is_multi: IntArray  # (n,), 0 or 1
    week: IntArray  # (n,)
    ratings: IntArray  # (n, models, RATERS), 1 to 5


def sample(rng: np.random.Generator, *, size: float = 1.0) -> Prompts:
    counts = [round(count * size) for count in OF_RISK]
    n = sum(counts)
    risk = rng.permutation(np.repeat(np.arange(len(RISKS)), counts))
    is_multi = rng.permutation((np.arange(n) < round(n * MULTI / (SINGLE + MULTI))).astype(np.int64))
    shared, own = rng.random((n, 1)), rng.random((n, len(MODELS)))
    luck = np.where(rng.random((n, 1)) < TOGETHER, shared, own)
    violates = (luck < _chance(risk, is_multi)).astype(np.int64)
    draws = rng.random((n, len(MODELS), RATERS, 1))
    ratings = 1 + (draws > RATINGS.cumsum(axis=1)[violates][:, :, None, :]).sum(axis=3).clip(max=4)
    return Prompts(risk, rng.integers(0, len(VECTORS), n), is_multi, np.arange(n) * WEEKS // n, ratings)


def violation_rates() -> dict[tuple[str, str], float]:
    """By model and by what a report sorts by: “all”, each risk category, “single” and “multi”."""
    found = {}
    for place, model in enumerate(MODELS):
        cells = [(share, risk, multi, float(_voted(chance[place]))) for share, risk, multi, chance in _cells()]
        found[model, "all"] = _mean([(share, rate) for share, _, _, rate in cells])
        for number, risk in enumerate(RISKS):
            found[model, risk.value] = _mean([(share, rate) for share, of, _, rate in cells if of == number])
        for name, wanted in (("single", 0), ("multi", 1)):
            found[model, name] = _mean([(share, rate) for share, _, multi, rate in cells if multi == wanted])
    return found


def mean_ratings() -> dict[str, float]:
    by_truth = RATINGS @ np.arange(1, 6)
    chances = [_mean([(share, float(chance[place])) for share, _, _, chance in _cells()]) for place in range(2)]
    return {
        model: float((1 - chance) * by_truth[0] + chance * by_truth[1])
        for model, chance in zip(MODELS, chances, strict=True)
    }


def _chance(risk: IntArray, is_multi: IntArray) -> FloatArray:
    factor = RISK_FACTOR[risk] * np.where(is_multi == 1, MULTI_FACTOR, 1.0)
    return np.asarray(CHANCE * factor[:, None], dtype=np.float64)


def _cells() -> list[tuple[float, int, int, FloatArray]]:
    """Share of the population, risk, whether messages came before, and each model's chance of a violation."""
    cells = []
    for risk, is_multi in product(range(len(RISKS)), (0, 1)):
        of_turns = (MULTI if is_multi else SINGLE) / (SINGLE + MULTI)
        chance = _chance(np.array([risk]), np.array([is_multi]))[0]
        cells.append((OF_RISK[risk] / OF_RISK.sum() * of_turns, risk, is_multi, chance))
    return cells


def _voted(chance: float) -> float:
    """That two of three raters say 1 or 2."""
    said = RATINGS[:, :2].sum(axis=1)
    voted = 3 * said**2 * (1 - said) + said**3
    return float((1 - chance) * voted[0] + chance * voted[1])


def _mean(cells: list[tuple[float, float]]) -> float:
    return float(sum(share * rate for share, rate in cells) / sum(share for share, _ in cells))
