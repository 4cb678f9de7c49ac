"""From logits to tokens, row by row: what keeps each answer independent of the batch it is sampled in."""

from collections.abc import Sequence

import torch
from torch import Tensor

from workers.engines.base import SamplingParams


def choose(logits: Tensor, temperature: Tensor, top_p: Tensor, draw: Tensor) -> Tensor:
    """One token a row: the likeliest at temperature 0, else the inverse of the nucleus's cumulative distribution.

    logits (rows, vocabulary); temperature, top_p and draw, uniform in [0, 1), (rows,); the answer (rows,).
    """
    greedy = temperature == 0
    # Drawn in the vocabulary's order: rounding in a batch of another shape may swap neighbours in the sorted one, and
    # the same draw would then fall on another token.
    below = logits.double() - logits.double().amax(-1, keepdim=True)  # 0 for the likeliest: no temperature overflows it
    scaled = below / temperature.double().masked_fill(greedy, 1.0)[:, None]
    shares, ids = scaled.softmax(-1).sort(dim=-1, descending=True)  # (rows, vocabulary)
    likelier = shares.cumsum(-1) - shares  # what all likelier tokens hold together: 0 for the first, which always stays
    nucleus = torch.zeros_like(shares).scatter(-1, ids, shares.masked_fill(likelier >= top_p[:, None], 0.0))
    reached = nucleus.cumsum(-1)
    drawn = (reached <= draw.double()[:, None] * reached[:, -1:]).sum(-1)  # (rows,)
    return drawn.where(~greedy, logits.argmax(-1))


def own_draws(params: Sequence[SamplingParams]) -> Tensor:
    """Each row's uniform numbers, one for each token it may give, from its own seed: (rows, longest answer)."""
    draws = torch.zeros(len(params), max(row.max_tokens for row in params))
    for place, row in enumerate(params):
        draws[place, : row.max_tokens] = torch.rand(row.max_tokens, generator=torch.Generator().manual_seed(row.seed))
    return draws


def left_padded(prompts: Sequence[list[int]], filler: int) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask, both (rows, longest), each prompt ending in the last column."""
    longest = max(map(len, prompts))
    ids = [[filler] * (longest - len(prompt)) + prompt for prompt in prompts]
    mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(ids), torch.tensor(mask)
