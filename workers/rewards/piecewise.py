"""The reward that reinforcement learning maximises in Llama 2 (section 3.2.3): safety first, then helpfulness.

TRL's RLOO and GRPO trainers take a `PiecewiseReward` among their `reward_funcs`, and `kl_weight` as their `beta`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from workers.rewards.dataset import Messages

UNSAFE_BELOW = 0.15
KL_WEIGHT, KL_WEIGHT_OF_LARGE, LARGE = 0.01, 0.005, 3e10

FloatArray = NDArray[np.float64]
Score = Callable[[Sequence[tuple[Messages, str]]], Sequence[float]]  # (messages, response) pairs to scores


def piecewise(safety: ArrayLike, helpfulness: ArrayLike, is_safety: ArrayLike) -> FloatArray:
    """``R_c``: the safety reward where the prompt may elicit unsafe answers or it is below 0.15, else helpfulness.

    Parameters
    ----------
    safety, helpfulness : (n,) rewards from 0 to 1, sigmoids of the models' scores
    is_safety : (n,) bool, the tag of the prompt
    """
    safe, helpful = np.asarray(safety, dtype=np.float64), np.asarray(helpfulness, dtype=np.float64)
    decides = np.asarray(is_safety, dtype=bool) | (safe < UNSAFE_BELOW)
    rewards: FloatArray = np.where(decides, safe, helpful)
    return rewards


def logit(rewards: ArrayLike) -> FloatArray:
    """``log(p / (1 - p))``, which undoes the sigmoid; 0 and 1, which a sigmoid reaches by rounding, stay finite."""
    tiny = np.finfo(np.float64).eps
    shares = np.clip(np.asarray(rewards, dtype=np.float64), tiny, 1 - tiny)
    return np.asarray(np.log(shares) - np.log1p(-shares), dtype=np.float64)


def whiten(values: ArrayLike) -> FloatArray:
    """To mean 0 and standard deviation 1 over the batch; equal values become 0. The paper names it without a formula.

    The divisor of the variance is n - 1. The mean is not added back: only differences within the batch count.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size < 2:
        return np.zeros_like(numbers)
    spread = numbers.std(ddof=1)
    noise = np.finfo(np.float64).eps * max(1.0, float(np.abs(numbers).max()))
    if spread <= noise:
        return np.zeros_like(numbers)
    whitened: FloatArray = (numbers - numbers.mean()) / spread
    return whitened


def kl_weight(parameters: float) -> float:
    """``beta``: 0.01 for the paper's 7B and 13B models, 0.005 for those of 34B and 70B."""
    return KL_WEIGHT_OF_LARGE if parameters >= LARGE else KL_WEIGHT


def combined(safety_scores: ArrayLike, helpfulness_scores: ArrayLike, is_safety: ArrayLike) -> FloatArray:
    """``whiten(logit(R_c))`` from the models' scores before the sigmoid, all (n,)."""
    return whiten(
        logit(piecewise(scipy.special.expit(safety_scores), scipy.special.expit(helpfulness_scores), is_safety))
    )


class PiecewiseReward:
    """A reward function as TRL's trainers call it; the dataset has a column `is_safety` beside its prompts.

    Whitening is over the rows of one call, which is the generation batch of a process.
    """

    __name__ = "piecewise_reward"

    def __init__(self, *, safety: Score, helpfulness: Score) -> None:
        self.safety, self.helpfulness = safety, helpfulness

    def __call__(
        self, prompts: Sequence[Any], completions: Sequence[Any], is_safety: Sequence[bool], **columns: Any
    ) -> list[float]:
        pairs = [(_messages(prompt), _text(said)) for prompt, said in zip(prompts, completions, strict=True)]
        rewards: list[float] = combined(self.safety(pairs), self.helpfulness(pairs), is_safety).tolist()
        return rewards


def _messages(prompt: Any) -> Messages:
    """TRL's prompts are lists of messages, or plain texts."""
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)


def _text(completion: Any) -> str:
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
