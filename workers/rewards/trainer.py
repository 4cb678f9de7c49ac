"""TRL's RewardTrainer with the paper's schedule and its safety auxiliary loss.

Llama 2 (appendix A.3.4, table 29) adds an auxiliary loss that teaches the safety model which responses are safe, and
gives neither its formula nor its weight. Ours is the binary cross-entropy of the score's sigmoid with the label, over
all responses of a batch, those without a label counting as 0::

    L = L_ranking - w / 2n * sum_i [ y_i log s(r_i) + (1 - y_i) log(1 - s(r_i)) ]

for the 2n scores r of n pairs, y = 1 for safe. The sum is over labelled responses and divided by all, so that the loss
is the same however a batch is divided into passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.lr_scheduler import LambdaLR
from trl.trainer.reward_trainer import DataCollatorForPreference, RewardTrainer

from workers.rewards.recipe import rate

UNLABELLED = -1  # 1 is safe, 0 unsafe
LABELS = ("chosen_safe", "rejected_safe")


@dataclass
class LabelledPairs(DataCollatorForPreference):
    """TRL's collator, with the labels as “safe”: (2n,), chosen before rejected, as in input_ids."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = super().torch_call(examples)
        batch["safe"] = torch.tensor([example[name] for name in LABELS for example in examples], dtype=torch.float)
        return batch


class SafetyRewardTrainer(RewardTrainer):
    """Adds the auxiliary loss with the weight `safety_weight`; with 0 it is TRL's trainer with the paper's schedule."""

    def __init__(self, *args: Any, safety_weight: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.safety_weight = safety_weight

    def _set_signature_columns_if_needed(self) -> None:
        columns = ["chosen_ids", "rejected_ids", "margin", *LABELS]
        self._signature_columns = columns  # type: ignore[assignment]  # transformers leaves it untyped

    def create_scheduler(self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None) -> LambdaLR:
        optimizer = optimizer or self.optimizer
        assert optimizer is not None  # made before its schedule
        self.lr_scheduler = LambdaLR(optimizer, lambda step: rate(step, num_training_steps))
        return self.lr_scheduler

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        safe = inputs.pop("safe")
        loss, outputs = super().compute_loss(  # type: ignore[no-untyped-call]  # TRL leaves it untyped
            model, inputs, True, num_items_in_batch
        )
        if self.safety_weight:
            loss = loss + self.safety_weight * safety_loss(outputs.logits.squeeze(-1), safe)
        return (loss, outputs) if return_outputs else loss


def safety_loss(scores: Tensor, safe: Tensor) -> Tensor:
    """The auxiliary loss in nats. scores and safe, which is 1, 0 or UNLABELLED, are (2n,); the answer is a scalar."""
    labelled = safe != UNLABELLED
    # clamp: an unlabelled response has no target, and its loss is not taken.
    losses = binary_cross_entropy_with_logits(scores.float(), safe.clamp(min=0), reduction="none")
    return torch.where(labelled, losses, 0.0).mean()
