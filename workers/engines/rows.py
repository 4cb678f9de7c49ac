"""The sampling loop: a batch of rows, each with its own seed, temperature, top-p, stops and end.

On the CPU a row's arithmetic does not depend on its neighbours, so that the same request has the same logits, to the
last bit, alone and among thirty-two: a prompt is read alone, a row keeps to its own columns (`slots.py`), and the
rows of a step are filled up to a multiple of eight, because the matrix product takes another way through the last few
rows of any other number. Measured with MKL's AVX-512 and AVX2 kernels on one and two threads; the probe asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor
from transformers import PreTrainedModel

from workers.engines.base import SamplingParams
from workers.engines.choosing import choose, own_draws
from workers.engines.slots import Slots, rounded_up
from workers.engines.steps import Steps

ROWS_UNIT = 8
TOKENS_READ = 4096  # of prompts in one pass, on a GPU; the padding counts
PROMPTS_READ = 16  # at most: each has a row of logits for every length among them


@dataclass
class Row:
    """One request on its way through the loop."""

    prompt: list[int]
    params: SamplingParams
    tokens: list[int] = field(default_factory=list)
    seconds: float = 0.0  # from the start of the batch to its last token
    finish: Literal["", "stop", "length"] = ""

    @property
    def room(self) -> int:
        """Tokens it may take altogether."""
        return len(self.prompt) + self.params.max_tokens


@dataclass(frozen=True)
class Voice:
    """A model and what its tokens mean."""

    model: PreTrainedModel
    ends: tuple[int, ...]  # tokens that end an answer
    banned: tuple[int, ...]  # tokens that are never sampled
    decode: Callable[[list[int]], str]
    graphs: bool = False  # whether steps are recorded and replayed: on a GPU, where the model can be

    @property
    def device(self) -> torch.device:
        return self.model.device


def slots_of(rows: int) -> int:
    """How many rows a step of that many computes."""
    return rounded_up(rows, ROWS_UNIT)


@torch.inference_mode()
def sample(rows: Sequence[Row], voice: Voice) -> None:
    """Samples all rows to their end. A row that ends leaves the batch."""
    started = time.perf_counter()
    slots = Slots(slots_of(len(rows)), max(row.room for row in rows))
    steps = Steps(voice.model, slots, graphs=voice.graphs)
    settings = _Settings(rows, voice.device)
    live = list(range(len(rows)))  # the row in each slot
    logits = read_all(rows, slots, voice)
    logits[:, list(voice.ends)] = -torch.inf  # nobody can compare an empty answer
    for said in range(max(row.params.max_tokens for row in rows)):
        logits[:, list(voice.banned)] = -torch.inf
        chosen = choose(logits, *settings.of(live, said)).tolist()
        for index, token in zip(live, chosen, strict=True):
            _append(rows[index], token, time.perf_counter() - started, voice)
        live = _leave(rows, live, slots)
        if not live:
            return
        logits = step([rows[index] for index in live], steps, voice)


class _Settings:
    """Every row's temperature, top-p and draws, on the device."""

    def __init__(self, rows: Sequence[Row], device: torch.device) -> None:
        # Doubles: in single, a top-p that is allowed can round to 0, which leaves no token to draw.
        self.temperature = torch.tensor([row.params.temperature for row in rows], dtype=torch.float64, device=device)
        self.top_p = torch.tensor([row.params.top_p for row in rows], dtype=torch.float64, device=device)
        self.draws = own_draws([row.params for row in rows]).to(device)  # (rows, longest answer)

    def of(self, live: list[int], said: int) -> tuple[Tensor, Tensor, Tensor]:
        return self.temperature[live], self.top_p[live], self.draws[live, said]


def read_all(rows: Sequence[Row], slots: Slots, voice: Voice) -> Tensor:
    """Reads the prompts into the slots; the logits behind each, (rows, vocabulary)."""
    return torch.cat(list(_read(rows, slots, voice)))


def _read(rows: Sequence[Row], slots: Slots, voice: Voice) -> Iterator[Tensor]:
    """A few prompts at a time, on the CPU one."""
    together = PROMPTS_READ if voice.device.type == "cuda" else 1
    first = 0
    while first < len(rows):
        group = [row.prompt for row in rows[first : first + together]]
        while len(group) > 1 and len(group) * max(map(len, group)) > TOKENS_READ:
            group.pop()
        slots.read_prompts(first)
        yield _behind(group, slots, voice)
        first += len(group)


def _behind(prompts: list[list[int]], slots: Slots, voice: Voice) -> Tensor:
    longest = max(map(len, prompts))
    # Padded behind: no token reads what comes after it, and the padding's own states are masked until overwritten.
    padded = torch.tensor([prompt + [0] * (longest - len(prompt)) for prompt in prompts], device=voice.device)
    kept = sorted({len(prompt) - 1 for prompt in prompts})
    places = [kept.index(len(prompt) - 1) for prompt in prompts]
    logits: Tensor = voice.model(
        input_ids=padded, past_key_values=slots, use_cache=True, logits_to_keep=torch.tensor(kept, device=voice.device)
    ).logits  # (prompts, kept, vocabulary)
    return logits[list(range(len(prompts))), places]


def step(rows: Sequence[Row], steps: Steps, voice: Voice) -> Tensor:
    """One token further: the logits behind each row's last token, (rows, vocabulary)."""
    idle = [0] * (slots_of(len(rows)) - len(rows))
    places = [len(row.prompt) + len(row.tokens) - 1 for row in rows]
    tokens = [row.tokens[-1] for row in rows]
    read = torch.tensor([tokens + idle, places + idle], device=voice.device)
    return steps.after(read[0], read[1], max(places))[: len(rows)]


def _append(row: Row, token: int, seconds: float, voice: Voice) -> None:
    row.tokens.append(token)
    row.seconds = seconds
    if token in voice.ends or (row.params.stop and _stopped(row, voice)):
        row.finish = "stop"
    elif len(row.tokens) == row.params.max_tokens:
        row.finish = "length"


def _stopped(row: Row, voice: Voice) -> bool:
    """Whether the last token completed a text to stop at. A token is a byte at least, a character four at most."""
    tail = voice.decode(row.tokens[-4 * max(map(len, row.params.stop)) - 4 :])
    return any(stop in tail for stop in row.params.stop)


def _leave(rows: Sequence[Row], live: list[int], slots: Slots) -> list[int]:
    """The rows that go on, in their slots; the last ones take the slots of those that ended."""
    live = live.copy()
    for place in reversed(range(len(live))):
        if not rows[live[place]].finish:
            continue
        last = live.pop()
        if place < len(live):
            live[place] = last
            slots.move(len(live), place)
    return live
