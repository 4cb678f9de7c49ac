"""The tiny engine: a small Llama checkpoint on the CPU, with a sampling loop of our own.

`generate()` of transformers draws from one global generator, so that an answer depends on what it was batched with.
Here each row has its own seed, and a row's text is the same in a batch of one and in a batch of thirty-two.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers
from transformers import DynamicCache, LlamaForCausalLM, PreTrainedTokenizerFast

from workers.engines.base import Completion, EngineError, EngineInfo, PromptTooLong, Request
from workers.engines.tiny_sampling import choose, left_padded, own_draws

transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped

MOST_ROWS = 32  # in one forward pass; more requests are taken in several batches


@dataclass
class _Row:
    """One request on its way through the loop."""

    request: Request
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)
    seconds: float = 0.0
    ended: bool = False  # by the end-of-text token, not by max_tokens


class TinyEngine:
    def __init__(self, location: str, *, chat_template: str = "") -> None:
        folder = Path(location)
        _check_is_llama(folder)
        # Computed in double precision: in single, the rounding of another batch shape tips about one text in 300.
        self.model: LlamaForCausalLM = LlamaForCausalLM.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float64
        )  # comes in evaluation mode
        self.tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
        if chat_template:
            self.tokenizer.chat_template = chat_template
        self.context: int = self.model.config.max_position_embeddings  # in tokens, prompt and answer together
        self.end: int = self.tokenizer.eos_token_id
        # A role mark inside an answer would be read back as a turn of the dialogue: the end is the only mark to sample.
        self.banned = [token for token in self.tokenizer.all_special_ids if token != self.end]
        self.info = EngineInfo(
            engine="tiny",
            engine_version=f"transformers {transformers.__version__}, torch {torch.__version__}",
            weights_hash=hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
            context=self.context,
        )

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        prompts = [self.encode(request) for request in requests]
        errors = {i: self._too_long(prompts[i], request) for i, request in enumerate(requests)}
        answers: dict[int, Completion] = {}
        # Rows of like length travel together: the less padding, the less work. The order does not change any text.
        order = sorted((i for i in errors if errors[i] is None), key=lambda i: len(prompts[i]))
        for start in range(0, len(order), MOST_ROWS):
            batch = order[start : start + MOST_ROWS]
            rows = [_Row(requests[i], prompts[i]) for i in batch]
            self._run(rows)
            answers.update((i, self._completion(row)) for i, row in zip(batch, rows, strict=True))
        return [errors[i] or answers[i] for i in range(len(requests))]

    def encode(self, request: Request) -> list[int]:
        """The dialogue through the model's own chat template, as token ids, up to where the answer begins."""
        messages = [
            {"role": str(message["role"]), "content": self._defused(message["content"])} for message in request.messages
        ]
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _defused(self, content: str) -> str:
        """The content with its "</s>" and "<|user|>" taken apart: what a person types never becomes a mark."""
        for mark in self.tokenizer.all_special_tokens:
            content = content.replace(mark, f"{mark[0]} {mark[1:]}")
        return content

    def _too_long(self, prompt: list[int], request: Request) -> PromptTooLong | None:
        room = self.context - request.params.max_tokens
        if len(prompt) <= room:
            return None
        return PromptTooLong(
            f"The dialogue has {len(prompt)} tokens; with {request.params.max_tokens} kept for the answer, "
            f"this model can read {max(room, 0)}."
        )

    @torch.inference_mode()
    def _run(self, rows: list[_Row]) -> None:
        """Samples all rows to their end. A row that ends leaves the batch, and the cache shrinks with it."""
        started = time.perf_counter()
        draws = own_draws([row.request.params for row in rows])  # (rows, longest answer)
        # Double as well: in single, a top-p that is allowed can round to 0, which leaves no token to draw.
        temperature = torch.tensor([row.request.params.temperature for row in rows], dtype=torch.float64)  # (rows,)
        top_p = torch.tensor([row.request.params.top_p for row in rows], dtype=torch.float64)  # (rows,)
        tokens, mask = left_padded([row.prompt for row in rows], self.end)  # (rows, longest prompt)
        positions = (mask.cumsum(-1) - 1).clamp_min(0)
        cache = DynamicCache(config=self.model.config)
        live = list(range(len(rows)))
        for step in range(draws.shape[1]):
            logits = self.model(
                input_ids=tokens,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits[:, -1]  # (live, vocabulary)
            logits[:, self.banned] = -torch.inf
            if step == 0:
                logits[:, self.end] = -torch.inf  # nobody can compare an empty answer
            chosen = choose(logits, temperature[live], top_p[live], draws[live, step])  # (live,)
            keep = self._append(rows, live, chosen.tolist(), time.perf_counter() - started)
            if not keep:
                return
            if len(keep) < len(live):
                live = [live[place] for place in keep]
                cache.batch_select_indices(torch.tensor(keep))
            tokens = chosen[keep, None]
            mask = torch.cat([mask[keep], mask.new_ones(len(keep), 1)], dim=-1)
            positions = positions[keep, -1:] + 1

    def _append(self, rows: list[_Row], live: list[int], chosen: list[int], seconds: float) -> list[int]:
        """Gives each live row its token; the places among the live of those that go on."""
        keep = []
        for place, (index, token) in enumerate(zip(live, chosen, strict=True)):
            row = rows[index]
            row.tokens.append(token)
            row.seconds = seconds
            row.ended = token == self.end
            if not row.ended and len(row.tokens) < row.request.params.max_tokens:
                keep.append(place)
        return keep

    def _completion(self, row: _Row) -> Completion:
        params = row.request.params
        text = str(self.tokenizer.decode(row.tokens, skip_special_tokens=True))
        return Completion(
            text=text.replace("\x00", "\ufffd").strip(),  # PostgreSQL stores no NUL
            prompt_tokens=len(row.prompt),
            completion_tokens=len(row.tokens),
            finish_reason="stop" if row.ended else "length",
            latency_ms=round(row.seconds * 1000),
            seed=params.seed,
            temperature=params.temperature,
            top_p=params.top_p,
        )


def _check_is_llama(folder: Path) -> None:
    """Refuses anything but safetensors of this architecture, before any library opens it."""
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise EngineError(f"There is no {name} in {folder}; the tiny engine reads no other kind of checkpoint.")
    architectures = json.loads((folder / "config.json").read_text()).get("architectures")
    if architectures != ["LlamaForCausalLM"]:
        raise EngineError(f"The model in {folder} is {architectures}; the tiny engine runs LlamaForCausalLM only.")
