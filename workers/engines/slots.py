"""Keys and values of many rows, each row's at the row's own positions.

The usual cache puts what the rows say at one moment into one column, so that the padding before a short prompt moves
everything behind it, and sums come out in another order: rounding then depends on the neighbours. Here a row's column
is its own position, whoever stands beside it. Behind a row's end lies what is masked. A row that
ends gives its slot to the last one: nothing else is copied, and nothing grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

STRIDE = 64  # columns that are read are a multiple of this, so that a sum is cut into the same pieces in any batch


@dataclass
class _Turn:
    """What the forward pass in progress reads and writes, the same in every layer."""

    first: int = 0  # slot of the first prompt
    positions: Tensor | None = None  # (rows,) of the tokens of a step; None while prompts are read
    length: int = 0  # columns that a step reads


class _Layer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    """One layer's keys and values, (slots, heads, columns, size of a head)."""

    is_sliding = False

    def __init__(self, slots: int, columns: int, turn: _Turn) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.slots, self.columns, self.turn = slots, columns, turn

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.keys, self.values = self._empty(key_states), self._empty(value_states)
        self.is_initialized = True

    def _empty(self, states: Tensor) -> Tensor:
        # Zeros: what is masked counts nothing only as long as it is a number.
        return states.new_zeros(self.slots, states.shape[1], self.columns, states.shape[3])

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Keeps the new states, (rows, heads, tokens, size of a head); gives back all that the new tokens may read."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None and self.values is not None
        turn, (rows, _, tokens, _) = self.turn, key_states.shape
        if turn.positions is None:
            taken = slice(turn.first, turn.first + rows)
            self.keys[taken, :, :tokens], self.values[taken, :, :tokens] = key_states, value_states
            return key_states, value_states
        each = torch.arange(rows, device=key_states.device)
        self.keys[each, :, turn.positions] = key_states[:, :, 0]
        self.values[each, :, turn.positions] = value_states[:, :, 0]
        return self.keys[:rows, :, : turn.length], self.values[:rows, :, : turn.length]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return query_length, 0  # of prompts; a step brings its own mask

    def get_seq_length(self) -> int:
        return 0  # prompts are read from their beginning; a step brings its own positions

    def get_max_length(self) -> int:
        return self.columns


class Slots(Cache):
    """The cache of one batch: `slots` rows of up to `length` tokens."""

    def __init__(self, slots: int, length: int) -> None:
        turn, columns = _Turn(), rounded_up(length, STRIDE)
        # Not through self: a cache that refers to itself keeps gigabytes of a GPU until the garbage is collected.
        super().__init__(layer_class_to_replicate=lambda: _Layer(slots, columns, turn))  # type: ignore[arg-type]  # anything that makes a layer will do
        self.turn = turn

    def read_prompts(self, first: int) -> None:
        """The next pass reads prompts from their beginning, into the slots from `first` on."""
        self.turn.first, self.turn.positions = first, None

    def columns_of(self, longest: int) -> int:
        """How many columns a step reads whose largest position is that."""
        return rounded_up(longest + 1, STRIDE)

    def step(self, positions: Tensor, columns: int) -> Tensor:
        """The next pass reads one token a row, at these positions (rows,), and so many columns.

        Returns its mask, (rows, 1, 1, columns): a row reads its own columns up to its position.
        """
        self.turn.positions, self.turn.length = positions, columns
        return (torch.arange(columns, device=positions.device) <= positions[:, None])[:, None, None]

    def move(self, source: int, target: int) -> None:
        """The row of one slot takes another's."""
        for layer in self.layers:
            assert isinstance(layer, _Layer) and layer.keys is not None and layer.values is not None
            layer.keys[target], layer.values[target] = layer.keys[source], layer.values[source]


def rounded_up(number: int, unit: int) -> int:
    return -(-number // unit) * unit
