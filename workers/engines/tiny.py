"""The tiny engine: the demo's small Llama, in double precision on whatever this machine has.

Rounding in double is so fine that no batch, thread or processor changes a text, and a model this small is fast enough.
"""

import torch

from workers.engines.base import EngineError
from workers.engines.checkpoints import Checkpoint
from workers.engines.transformers_engine import TransformersEngine


class TinyEngine(TransformersEngine):
    name = "tiny"

    def check(self, checkpoint: Checkpoint) -> None:
        architectures = checkpoint.config.get("architectures")
        if architectures != ["LlamaForCausalLM"]:
            raise EngineError(
                f"The model in {checkpoint.folder} is {architectures}; the tiny engine runs LlamaForCausalLM only."
            )

    def dtype(self, device: torch.device) -> torch.dtype:
        return torch.float64
