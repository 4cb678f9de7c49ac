"""How a reward model is trained: the settings of Llama 2 (section 3.2.2) unless told otherwise, and their schedule."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from preferences.choices import Track
from preferences.margins import DEFAULT, MARGINS
from workers.rewards.errors import RewardError

PAIRS_PER_STEP, PAIRS_AT_ONCE, SEED = 512, 8, 7
RATE, RATE_OF_LARGE, LARGE = 1e-5, 5e-6, 5e10  # the paper trains its 70B model at the lower one
WARM_UP_SHARE, LEAST_WARM_UP = 0.03, 5
LAST_RATE = 0.1  # of the peak
BETAS, EPSILON, WEIGHT_DECAY, CLIP = (0.9, 0.95), 1e-5, 0.1, 1.0
MANIFEST = "manifest.json"  # of each directory that it is trained on


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What can be set. The optimizer and the schedule are the paper's.

    Attributes
    ----------
    margin : str
        A name in `MARGINS`; “none” trains without.
    learning_rate : float, optional
        The peak; by the size of the model where None.
    pairs_at_once : int
        Pairs in one forward pass; gradients are accumulated up to `pairs_per_step`. Halved where the
        memory does not hold them.
    safety_loss : float, optional
        Weight of the auxiliary loss on safe and unsafe responses (see `trainer`); 1 on the safety track where None, as
        both losses are in nats and start from ln 2, and 0 on the other.
    centring : float
        Weight of the squared sum of a pair's scores, which keeps them around 0 (TRL's center_rewards_coefficient).
    max_length : int, optional
        In tokens; what the base model can read where None. Longer pairs are left out, counted.
    """

    track: str
    margin: str = DEFAULT
    epochs: int = 1
    pairs_per_step: int = PAIRS_PER_STEP
    pairs_at_once: int = PAIRS_AT_ONCE
    learning_rate: float | None = None
    safety_loss: float | None = None
    centring: float = 0.0
    max_length: int | None = None
    seed: int = SEED

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()
        if self.pairs_per_step % min(self.pairs_at_once, self.pairs_per_step):
            raise RewardError(
                f"{self.pairs_per_step} pairs a step cannot be divided into passes of {self.pairs_at_once}: "
                "make pairs_per_step a multiple of pairs_at_once."
            )

    def _check_words(self) -> None:
        if self.track not in Track.values:
            raise RewardError(f"There is no track “{self.track}”; known are {', '.join(Track.values)}.")
        if self.margin not in MARGINS:
            raise RewardError(f"There is no margin “{self.margin}”; known are {', '.join(MARGINS)}.")

    def _check_numbers(self) -> None:
        for name in ("epochs", "pairs_per_step", "pairs_at_once", "max_length"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise RewardError(f"{name} is a whole number from 1 up, not {number}.")
        for name in ("learning_rate", "safety_loss", "centring"):
            number = getattr(self, name)
            if number is not None and not (number >= 0 and math.isfinite(number)):
                raise RewardError(f"{name} is a number from 0 up, not {number}.")

    @property
    def safety_weight(self) -> float:
        if self.safety_loss is not None:
            return self.safety_loss
        return 1.0 if self.track == Track.SAFETY else 0.0

    def peak(self, parameters: int) -> float:
        """The highest learning rate for a model of so many parameters."""
        if self.learning_rate is not None:
            return self.learning_rate
        return RATE_OF_LARGE if parameters >= LARGE else RATE

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rate(step: int, steps: int) -> float:
    """The share of the peak learning rate at a step counted from 0: a linear start, then half a cosine down to a tenth.

    The first of `n` warm-up steps runs at ``1 / n``, not at 0: a training of one step has to learn something.
    """
    warm_up = min(steps, max(LEAST_WARM_UP, math.ceil(WARM_UP_SHARE * steps)))
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step + 1 - warm_up) / max(1, steps - warm_up)  # up to 1 at the last step
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * min(1.0, done))) / 2
