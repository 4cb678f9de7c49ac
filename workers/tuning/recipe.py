"""How a model is fine-tuned: the settings of Llama 2 (section 3.1) unless told otherwise."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from workers.rewards.errors import RewardError

EPOCHS, ROWS_PER_STEP, ROWS_AT_ONCE, SEED = 2, 64, 8, 7
LEARNING_RATE = 2e-5  # the peak of half a cosine down to 0
MAX_LENGTH = 4096  # in tokens, prompt and completion together
# The optimizer is that of pretraining (section 2.2); the paper names no other.
BETAS, EPSILON, WEIGHT_DECAY, CLIP = (0.9, 0.95), 1e-5, 0.1, 1.0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What can be set.

    Attributes
    ----------
    rows_at_once : int
        Rows in one forward pass; gradients are accumulated up to `rows_per_step`.
    max_length : int
        In tokens; no more than the base model reads. Longer rows are left out, counted.
    """

    epochs: int = EPOCHS
    rows_per_step: int = ROWS_PER_STEP
    rows_at_once: int = ROWS_AT_ONCE
    learning_rate: float = LEARNING_RATE
    max_length: int = MAX_LENGTH
    seed: int = SEED

    def __post_init__(self) -> None:
        for name in ("epochs", "rows_per_step", "rows_at_once", "max_length"):
            if getattr(self, name) < 1:
                raise RewardError(f"{name} is a whole number from 1 up, not {getattr(self, name)}.")
        if not (self.learning_rate >= 0 and math.isfinite(self.learning_rate)):
            raise RewardError(f"learning_rate is a number from 0 up, not {self.learning_rate}.")
        if self.rows_per_step % min(self.rows_at_once, self.rows_per_step):
            raise RewardError(
                f"{self.rows_per_step} rows a step cannot be divided into passes of {self.rows_at_once}: "
                "make rows_per_step a multiple of rows_at_once."
            )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
