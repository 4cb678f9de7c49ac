"""Tokens a second: one request after the other, by a plain loop over `generate()`, against the worker's batches.

    python -m bench.sampling                      a Llama of 100M parameters with random weights, on the CPU
    python -m bench.sampling --shape 7b           the shape of Llama 2 7B in bfloat16, on a GPU

The weights are random, so that nothing is downloaded; an answer never ends by itself, so that all have the same length.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from workers.engines.base import SamplingParams
from workers.engines.rows import Row, Voice, sample
from workers.engines.slot_check import checked

PROMPT_TOKENS = 64
SAME = 32  # answers that are sampled in one batch and one by one

SHAPES = {
    "small": LlamaConfig(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
    ),
    "100m": LlamaConfig(
        vocab_size=32_000,
        hidden_size=640,
        intermediate_size=1728,
        num_hidden_layers=12,
        num_attention_heads=10,
        num_key_value_heads=10,
        max_position_embeddings=4096,
    ),
    "7b": LlamaConfig(max_position_embeddings=4096),  # the defaults are those of Llama 2 7B
}


@dataclass(frozen=True)
class Rate:
    rows: int
    tokens: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.tokens / self.seconds


def make_voice(shape: str) -> Voice:
    device, dtype = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    torch.manual_seed(1)
    with torch.device(device):
        model = LlamaForCausalLM._from_config(SHAPES[shape], dtype=dtype).eval()  # type: ignore[no-untyped-call]
    return checked(Voice(model, ends=(2,), banned=(2,), decode=str))


def ours(voice: Voice, rows: int, tokens: int) -> Rate:
    """One batch of so many rows through the engine's own loop, each with its own seed and temperature."""
    made = _rows(voice, rows, tokens)
    return Rate(rows, rows * tokens, _seconds(lambda: sample(made, voice)))


def same(voice: Voice, other: Voice, size: int, tokens: int) -> int:
    """How many of the answers in one batch are the same, token for token, from the other voice in batches of `size`."""
    ours, theirs = _rows(voice, SAME, tokens), _rows(other, SAME, tokens)
    sample(ours, voice)
    for first in range(0, SAME, size):
        sample(theirs[first : first + size], other)
    return sum(one.tokens == two.tokens for one, two in zip(ours, theirs, strict=True))


def _rows(voice: Voice, rows: int, tokens: int) -> list[Row]:
    return [
        Row(prompt, SamplingParams(0.7 + 0.01 * (place % 50), 1.0, tokens, place))
        for place, prompt in enumerate(_prompts(voice, rows))
    ]


def plain(voice: Voice, rows: int, tokens: int) -> Rate:
    """The same through `generate()` of transformers, in one batch."""
    ids = torch.tensor(_prompts(voice, rows), device=voice.device)

    model: Any = voice.model  # mypy takes the mixin's method for a weight

    def run() -> None:
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=0.8,
            top_k=0,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            pad_token_id=0,
        )

    return Rate(rows, rows * tokens, _seconds(run))


def read_rate(voice: Voice) -> float:
    """Bytes a second at which this machine reads a matrix far larger than its caches: a product with one vector."""
    size = 16_384 if voice.device.type == "cuda" else 8_192
    matrix = torch.ones(size, size, device=voice.device, dtype=voice.model.dtype)
    vector = torch.ones(size, device=voice.device, dtype=voice.model.dtype)
    best = min(_seconds(lambda: matrix @ vector) for _ in range(10))
    return matrix.numel() * matrix.element_size() / best


def weight_bytes(voice: Voice) -> int:
    """What a step must read: all weights but the table of the input's embeddings."""
    table: Any = voice.model.get_input_embeddings().weight  # for mypy it may be a module
    every = sum(parameter.numel() for parameter in voice.model.parameters())
    return int((every - table.numel()) * table.element_size())


def _prompts(voice: Voice, rows: int) -> list[list[int]]:
    draw = torch.Generator().manual_seed(rows)
    drawn = torch.randint(3, voice.model.config.vocab_size, (rows, PROMPT_TOKENS), generator=draw)
    prompts: list[list[int]] = drawn.tolist()
    return prompts


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def measure(shape: str, batches: list[int], tokens: int, waiting: int) -> list[str]:
    """The lines of the report."""
    voice = make_voice(shape)
    millions = sum(parameter.numel() for parameter in voice.model.parameters()) / 1e6
    ours(voice, 1, 4)  # the first pass of a process is slower
    plain(voice, 1, 4)
    limit = read_rate(voice) / weight_bytes(voice)
    lines = [
        f"{millions:,.0f}M parameters, {voice.device.type} {str(voice.model.dtype).removeprefix('torch.')}, "
        f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}; {PROMPT_TOKENS} + {tokens} tokens a row",
        f"limit of memory at batch 1: {limit:.1f} tokens/s ({read_rate(voice) / 1e9:.1f} GB/s)",
    ]
    # The best of three: what slows this one down would make everything else look good.
    alone = max((plain(voice, 1, tokens) for _ in range(3)), key=lambda rate: rate.per_second)
    lines.append(
        f"generate(), one by one: {alone.per_second:.1f} tokens/s, {alone.per_second / limit:.0%} of the limit"
    )
    for rows in batches:
        rate, theirs = ours(voice, rows, tokens), plain(voice, rows, tokens)
        lines.append(
            f"batch {rows}: {rate.per_second:.1f} tokens/s, {rate.per_second / limit:.1f} times the limit of batch 1, "
            f"{rate.per_second / alone.per_second:.1f} times one by one; "
            f"generate() in one batch {theirs.per_second:.1f}"
        )
        if voice.graphs:
            asked_for = ours(replace(voice, graphs=False), rows, tokens)
            lines[-1] += f"; {asked_for.per_second:.1f} where each step is asked for and none replayed"
    lines.append(
        f"of {SAME} answers in one batch are the same, token for token: {same(voice, voice, 1, tokens)} one by one"
    )
    if voice.graphs:
        asked = replace(voice, graphs=False)
        lines[-1] += f", {same(voice, asked, SAME, tokens)} where each step is asked for"
    both = sum(ours(voice, waiting, tokens).seconds for _ in range(2))
    if torch.cuda.is_available():
        lines[0] += f"; {torch.cuda.max_memory_allocated() / 1e9:.0f} GB of memory at most"
    lines.append(
        f"{waiting} annotators at once: both responses after {both:.1f} s; "
        f"one by one the last would wait {2 * waiting * alone.seconds:.0f} s"
    )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="100m")
    parser.add_argument("--batches", type=int, nargs="+")
    parser.add_argument("--tokens", type=int, default=64, help="of each answer")
    parser.add_argument("--waiting", type=int, default=64, help="annotators at once")
    options = parser.parse_args()
    batches = options.batches or ([1, 16, 64, 256] if options.shape == "7b" else [1, 16, 64])
    print("\n".join(measure(options.shape, batches, options.tokens, options.waiting)))


if __name__ == "__main__":
    main()
