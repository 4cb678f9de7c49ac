"""Whether a model gives through our cache what it gives without any: asked once, when it is loaded.

Architectures differ in what they make of a cache, a mask and positions; one that goes its own way would answer wrongly.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import torch

from workers.engines.base import EngineError, SamplingParams
from workers.engines.rows import Row, Voice, read_all, step
from workers.engines.slots import Slots
from workers.engines.steps import Steps

TOLERATED = {torch.float64: 1e-6, torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.1}


log = logging.getLogger(__name__)


def checked(voice: Voice) -> Voice:
    """The voice as it can be sampled from, on a GPU with graphs where the model can be recorded.

    EngineError where the logits do not agree.
    """
    if voice.device.type == "cuda":
        # cuDNN's attention adds up in another order each time: the same batch would give other answers the next time.
        torch.backends.cuda.enable_cudnn_sdp(False)
        recorded = replace(voice, graphs=True)
        try:
            check_slots(recorded)
        except EngineError as refusal:
            log.warning("steps are not recorded, which makes them slower: %s", refusal)
        else:
            return recorded
    check_slots(voice)
    return voice


@torch.inference_mode()
def check_slots(voice: Voice) -> None:
    """Reads three prompts of unlike length and four tokens more, twice; EngineError where the logits do not agree."""
    vocabulary = voice.model.config.get_text_config().vocab_size
    draw = torch.Generator().manual_seed(1)
    texts = [torch.randint(vocabulary, (length,), generator=draw).tolist() for length in (7, 12, 9)]
    rows = [Row(text[:-4], SamplingParams(0, 1, 4, 0)) for text in texts]
    try:
        slots = Slots(8, 16)
        steps = Steps(voice.model, slots, graphs=voice.graphs)
        found = [read_all(rows, slots, voice)]
        for place in range(4):
            for row, text in zip(rows, texts, strict=True):
                row.tokens.append(text[len(row.prompt) + place])
            found.append(step(rows, steps, voice).clone())  # the next step overwrites it
        expected = [voice.model(input_ids=torch.tensor([text], device=voice.device)).logits[0, -5:] for text in texts]
    except (ValueError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise EngineError(f"This kind of model cannot be sampled row by row: {error}") from error
    difference = (torch.stack(found, dim=1) - torch.stack(expected)).double().square().mean().sqrt()
    spread = torch.stack(expected).double().std()
    if not difference <= TOLERATED[voice.model.dtype] * spread:
        raise EngineError(
            "This kind of model cannot be sampled row by row: through the cache it gives other probabilities. "
            "Serve it behind an address and use the openai engine."
        )
