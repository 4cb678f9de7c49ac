"""The one place where probabilities become a token, against shares worked out by hand."""

import pytest
import torch

from workers.engines.base import SamplingParams
from workers.engines.choosing import choose, own_draws

SHARES = torch.tensor([0.1, 0.4, 0.2, 0.3])  # a vocabulary of four tokens
DRAWS = (torch.arange(1000) + 0.5) / 1000  # every thousandth of the way from 0 to 1


def picked(*, temperature: float = 1.0, top_p: float = 1.0) -> list[float]:
    """The share of the draws that each token gets."""
    rows = len(DRAWS)
    logits = SHARES.log().expand(rows, -1)
    tokens = choose(logits, torch.full((rows,), temperature), torch.full((rows,), top_p), DRAWS)
    return [round(share, 2) for share in (torch.bincount(tokens, minlength=4) / rows).tolist()]


def test_temperature_one_keeps_the_model_s_own_shares() -> None:
    assert picked() == [0.1, 0.4, 0.2, 0.3]


def test_temperature_zero_is_greedy_whatever_is_drawn() -> None:
    assert picked(temperature=0) == [0, 1, 0, 0]


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_a_temperature_raises_the_shares_to_its_inverse(temperature: float) -> None:
    raised = SHARES ** (1 / temperature)
    assert picked(temperature=temperature) == pytest.approx((raised / raised.sum()).tolist(), abs=0.006)


def test_top_p_keeps_the_likeliest_tokens_that_reach_it_and_shares_out_the_rest() -> None:
    assert picked(top_p=0.65) == [0, 0.57, 0, 0.43]  # 0.4 + 0.3 reach 0.65


def test_a_tiny_top_p_leaves_the_likeliest_token() -> None:
    assert picked(top_p=1e-6) == [0, 1, 0, 0]


def test_the_smallest_and_the_largest_draw_stay_inside_the_nucleus() -> None:
    logits = SHARES.log().expand(2, -1)
    edges = torch.tensor([0.0, 1 - 2**-24])
    assert choose(logits, torch.ones(2), torch.full((2,), 0.65), edges).tolist() == [1, 3]


def test_each_row_has_its_own_temperature_and_top_p() -> None:
    logits = SHARES.log().expand(3, -1)
    tokens = choose(logits, torch.tensor([0.0, 1.0, 1.0]), torch.tensor([1.0, 1.0, 0.4]), torch.full((3,), 0.95))
    assert tokens.tolist() == [1, 3, 1]


def test_rounding_between_equally_likely_tokens_does_not_change_what_is_drawn() -> None:
    even = torch.zeros(1000, 300, dtype=torch.float64)
    noise = 1e-12 * torch.rand(even.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    settings = (torch.ones(1000), torch.ones(1000), DRAWS)
    assert choose(even + noise, *settings).tolist() == choose(even, *settings).tolist()


def test_each_row_draws_from_its_own_seed_whatever_stands_beside_it() -> None:
    short, long = SamplingParams(1.0, 1.0, 3, seed=5), SamplingParams(1.0, 1.0, 20, seed=6)
    both = own_draws([short, long])
    assert both[0, :3].tolist() == own_draws([short])[0].tolist()
    assert both[1].tolist() == own_draws([long])[0].tolist()
    assert both[0, 0] != both[1, 0]
