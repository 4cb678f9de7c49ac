"""Steps of one batch: a token further in every row. On a GPU the second of a kind is recorded, the rest are replayed.

Asking a GPU for one step of a 7B model in eight rows takes Python several times as long as the GPU needs to do it. A
CUDA graph is asked for at once. It holds for one number of rows and columns, which stay the same for dozens of steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from workers.engines.slots import Slots


class Steps:
    """What follows the rows' last tokens, step by step."""

    def __init__(self, model: PreTrainedModel, slots: Slots, *, graphs: bool) -> None:
        self.model, self.slots, self.graphs = model, slots, graphs
        self.kind: tuple[int, int] = (0, 0)  # rows and columns of the last step
        self.graph: _Graph | None = None

    def after(self, tokens: Tensor, positions: Tensor, longest: int) -> Tensor:
        """The logits behind these tokens, (rows, vocabulary); valid until the next call.

        tokens and positions (rows,), on the device; `longest` is the largest position.
        """
        kind = (len(tokens), self.slots.columns_of(longest))
        if kind != self.kind or not self.graphs:
            # A step that may stay the only one of its kind is not worth recording; and what it allocates and chooses
            # for the first time must not happen while one is recorded.
            self.kind, self.graph = kind, None
            return self._pass(tokens, positions, kind[1])
        if self.graph is None:
            self.graph = _Graph(lambda said, at: self._pass(said, at, kind[1]), tokens, positions)
        return self.graph(tokens, positions)

    def _pass(self, tokens: Tensor, positions: Tensor, columns: int) -> Tensor:
        logits: Tensor = self.model(
            input_ids=tokens[:, None],
            attention_mask=self.slots.step(positions, columns),
            position_ids=positions[:, None],
            past_key_values=self.slots,
            use_cache=True,
            logits_to_keep=1,
        ).logits  # (rows, 1, vocabulary)
        return logits[:, -1]


class _Graph:
    """A pass as the GPU's own record of it, which reads and writes where it did when it was recorded."""

    def __init__(self, run: Callable[[Tensor, Tensor], Tensor], *inputs: Tensor) -> None:
        self.inputs = [given.clone() for given in inputs]
        self.graph: Any = torch.cuda.CUDAGraph()
        stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        stream.wait_stream(torch.cuda.current_stream())
        # Not `torch.cuda.graph`, which gives all cached memory back to the driver first.
        with torch.cuda.stream(stream):
            self.graph.capture_begin()
            try:
                self.output = run(*self.inputs)
            finally:
                self.graph.capture_end()

    def __call__(self, *inputs: Tensor) -> Tensor:
        for kept, given in zip(self.inputs, inputs, strict=True):
            kept.copy_(given)
        self.graph.replay()
        return self.output
