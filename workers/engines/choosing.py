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
    # the same draw would then fall on another token. In place, because a vocabulary of doubles leaves the caches.
    shares = logits.to(torch.float64, copy=True)  # (rows, vocabulary)
    shares -= shares.amax(-1, keepdim=True)  # 0 for the likeliest: no temperature overflows it
    shares /= temperature.double().masked_fill(greedy, 1.0)[:, None]
    shares.exp_()  # not of one: what is drawn is scaled to their sum instead
    narrow = ((top_p < 1) & ~greedy).nonzero()[:, 0]
    if len(narrow):  # sorting a vocabulary costs more than all the rest: only for the rows that need it
        shares[narrow] = _nucleus(shares[narrow], top_p[narrow])
    reached = shares.cumsum(-1)
    drawn = torch.searchsorted(reached, draw.double()[:, None] * reached[:, -1:], right=True)[:, 0]  # (rows,)
    return drawn.where(~greedy, logits.argmax(-1))


def _nucleus(shares: Tensor, top_p: Tensor) -> Tensor:
    """The shares with those outside the nucleus at 0: (rows, vocabulary)."""
    ordered, ids = (shares / shares.sum(-1, keepdim=True)).sort(dim=-1, descending=True)
    likelier = ordered.cumsum(-1) - ordered  # what all likelier tokens hold together: 0 for the first, which stays
    return torch.zeros_like(shares).scatter(-1, ids, ordered.masked_fill(likelier >= top_p[:, None], 0.0))


def own_draws(params: Sequence[SamplingParams]) -> Tensor:
    """Each row's uniform numbers, one for each token it may give, from its own seed: (rows, longest answer)."""
    draws = torch.zeros(len(params), max(row.max_tokens for row in params))
    for place, row in enumerate(params):
        draws[place, : row.max_tokens] = torch.rand(row.max_tokens, generator=torch.Generator().manual_seed(row.seed))
    return draws
