"""The transformers engine: a checkpoint folder on this machine, on the GPU in bfloat16 or on the CPU in float32.

`generate()` of transformers draws from one global generator, so that an answer depends on what it was batched with.
Here each row has its own seed; `rows.py` says what is promised of a batch.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from workers.engines.base import Completion, EngineError, EngineInfo, Request
from workers.engines.chat import Chat
from workers.engines.checkpoints import Checkpoint, find_checkpoint, weights_hash
from workers.engines.rows import Row, Voice, sample, slots_of
from workers.engines.slot_check import checked

transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped

log = logging.getLogger(__name__)

# What one batch may hold: rows, and tokens of all rows with the room for their answers. Half a megabyte a token in a
# Llama 2 of 7B in bfloat16, so that a full batch takes 64 GB there. Where that is too much, a batch is halved.
MOST_ROWS = {"cpu": 64, "cuda": 256}
MOST_TOKENS = {"cpu": 32_768, "cuda": 131_072}


class TransformersEngine:
    name = "transformers"

    def __init__(self, location: str, *, chat_template: str = "") -> None:
        checkpoint = find_checkpoint(location)
        self.check(checkpoint)
        digest = weights_hash(checkpoint)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = _model(checkpoint, device, self.dtype(device))
        tokenizer = _tokenizer(checkpoint)
        self.chat = Chat(tokenizer, _context(model), chat_template)
        ends = _ends(model, tokenizer)
        # A role mark inside an answer would be read back as a turn of the dialogue: an end is the only mark to sample.
        self.voice = checked(Voice(model, ends, tuple(sorted(self.chat.mark_ids - set(ends))), self.chat.decode))
        self.info = EngineInfo(
            engine=self.name,
            engine_version=f"transformers {transformers.__version__}, torch {torch.__version__}, "
            f"{device.type} {str(model.dtype).removeprefix('torch.')}",
            weights_hash=digest,
            revision=checkpoint.folder.name,
            context=self.chat.context,
        )

    def check(self, checkpoint: Checkpoint) -> None:
        """What else a checkpoint must be; EngineError where it is not."""

    def dtype(self, device: torch.device) -> torch.dtype:
        return torch.bfloat16 if device.type == "cuda" else torch.float32

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        results: dict[int, Completion | EngineError] = {}
        rows: dict[int, Row] = {}
        for place, request in enumerate(requests):
            row = self._row(request)
            if isinstance(row, Row):
                rows[place] = row
            else:
                results[place] = row
        for batch in batches(list(rows.values()), self.voice.device.type):
            self._run(batch)
        results.update({place: self._result(row) for place, row in rows.items()})
        return [results[place] for place in range(len(requests))]

    def _row(self, request: Request) -> Row | EngineError:
        try:
            prompt = self.chat.encode(request)
        except EngineError as refusal:
            return refusal
        return self.chat.too_long(prompt, request) or Row(prompt, request.params)

    def _run(self, rows: list[Row]) -> None:
        """Samples the rows; where the memory does not hold them, the halves one after the other."""
        if self._fits(rows):
            return
        # Outside the handler, whose traceback would keep the tensors of the failed attempt.
        if self.voice.device.type == "cuda":
            torch.cuda.empty_cache()
        for row in rows:
            row.tokens, row.finish = [], ""
        if len(rows) == 1:
            return
        log.warning("out of memory with %d rows: trying the halves", len(rows))
        middle = len(rows) // 2
        self._run(rows[:middle])
        self._run(rows[middle:])

    def _fits(self, rows: list[Row]) -> bool:
        try:
            sample(rows, self.voice)
        except (torch.OutOfMemoryError, MemoryError):
            return False
        except RuntimeError as error:
            if "not enough memory" not in str(error):  # the CPU's allocator has no error of its own
                raise
            return False
        return True

    def _result(self, row: Row) -> Completion | EngineError:
        if not row.finish:
            return EngineError(
                f"The memory does not hold even this one dialogue of {len(row.prompt)} tokens "
                f"with an answer of {row.params.max_tokens}."
            )
        return Completion(
            text=self.chat.answer(row.tokens, row.params.stop),
            prompt_tokens=len(row.prompt),
            completion_tokens=len(row.tokens),
            finish_reason=row.finish,
            latency_ms=round(row.seconds * 1000),
            seed=row.params.seed,
            temperature=row.params.temperature,
            top_p=row.params.top_p,
        )


def batches(rows: list[Row], device: str) -> list[list[Row]]:
    """The rows in batches that fit: rows of like length travel together, for a batch is as long as its longest."""
    found: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: (row.room, len(row.prompt))):
        grown = [*found[-1], row] if found else [row]
        if found and len(grown) <= MOST_ROWS[device] and slots_of(len(grown)) * row.room <= MOST_TOKENS[device]:
            found[-1] = grown
        else:
            found.append([row])
    return found


def _model(checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> PreTrainedModel:
    """The model in evaluation mode; EngineError where the folder does not hold all of it."""
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            checkpoint.folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            attn_implementation="sdpa",  # the configuration may name a kernel to be fetched
            dtype=dtype,
            device_map=device if device.type == "cuda" else None,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        raise EngineError(f"The model in {checkpoint.folder} cannot be loaded: {_first_line(error)}") from error
    model: PreTrainedModel
    model, loading = loaded  # with output_loading_info there are two
    if missing := sorted(loading["missing_keys"]):
        raise EngineError(
            f"The model in {checkpoint.folder} lacks {len(missing)} of its weights, {missing[0]} among them; "
            "it would answer with random ones."
        )
    return model


def _tokenizer(checkpoint: Checkpoint) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            checkpoint.folder, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise EngineError(f"The tokenizer in {checkpoint.folder} cannot be loaded: {_first_line(error)}") from error
    return tokenizer


def _context(model: PreTrainedModel) -> int:
    """Tokens of prompt and answer together. A model that looks back through a window is used within one window."""
    config = model.config.get_text_config()
    limits: list[int | None] = [
        getattr(config, name, None) for name in ("max_position_embeddings", "sliding_window", "attention_chunk_size")
    ]
    return min(limit for limit in limits if limit)


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """The tokens that end an answer: a chat model often has another one than its tokenizer's end of text."""
    named = model.generation_config.eos_token_id if model.generation_config else None
    several = named if isinstance(named, list) else [named]
    ends = {int(token) for token in [*several, tokenizer.eos_token_id] if token is not None}
    if not ends:
        raise EngineError("The model names no token that ends an answer.")
    return tuple(sorted(ends))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
