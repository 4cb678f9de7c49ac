from __future__ import annotations

import math

import pytest
import torch

from workers.rewards.trainer import UNLABELLED, LabelledPairs, safety_loss


def test_the_safety_loss_is_the_cross_entropy_of_the_labels_over_all_responses() -> None:
    scores, safe = torch.tensor([2.0, -1.0, 0.5, 3.0]), torch.tensor([1.0, 0.0, UNLABELLED, 0.0])
    sigmoid = [1 / (1 + math.exp(-score)) for score in scores.tolist()]
    wanted = -(math.log(sigmoid[0]) + math.log(1 - sigmoid[1]) + math.log(1 - sigmoid[3])) / 4
    assert safety_loss(scores, safe).item() == pytest.approx(wanted, rel=1e-6)


def test_a_batch_divided_into_passes_has_the_same_safety_loss() -> None:
    scores, safe = (
        torch.randn(8, generator=torch.Generator().manual_seed(1)),
        torch.tensor([1, 0, -1, -1, 1, 1, 0, -1.0]),
    )
    halves = [safety_loss(scores[part], safe[part]) for part in (slice(0, 4), slice(4, 8))]
    assert torch.stack(halves).mean().item() == pytest.approx(safety_loss(scores, safe).item(), rel=1e-6)


def test_unlabelled_responses_have_no_safety_loss_and_move_no_weight() -> None:
    scores = torch.tensor([100.0, -100.0], requires_grad=True)
    loss = safety_loss(scores, torch.tensor([UNLABELLED, UNLABELLED]).float())
    loss.backward()
    assert loss.item() == 0 and scores.grad is not None and not scores.grad.any()


def test_the_labels_travel_in_the_order_of_the_rows() -> None:
    examples = [
        {"chosen_ids": [1], "rejected_ids": [2, 3], "chosen_safe": 1, "rejected_safe": 0},
        {"chosen_ids": [4], "rejected_ids": [5], "chosen_safe": UNLABELLED, "rejected_safe": 1},
    ]
    batch = LabelledPairs(pad_token_id=0)(examples)
    assert batch["input_ids"].tolist() == [[1, 0], [4, 0], [2, 3], [5, 0]]
    assert batch["safe"].tolist() == [1, UNLABELLED, 0, 1]
