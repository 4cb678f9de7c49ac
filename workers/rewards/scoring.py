"""Scores of responses by a trained reward model, in batches of like length.

    python -m workers.rewards.scoring MODEL_DIR IN.jsonl OUT.jsonl

A line of the file is {"messages": [{"role", "content"}, …], "response": "…"}; it comes back with its “score”, the
model's number, and its “reward”, that number's sigmoid. Run like this, the caller itself needs no torch.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import scipy
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from workers.rewards.checkpoints import check_folder, weights_hash
from workers.rewards.dataset import Messages
from workers.rewards.errors import RewardError

MOST_ROWS, MOST_TOKENS = 64, 32_768  # in one forward pass, padding included
# What another batch changes of a score on the CPU in single precision, at most; tests hold it.
TOLERANCE = 1e-4
LINES_AT_ONCE = 4096


@dataclass(frozen=True)
class Scorer:
    """A reward model ready to score."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    context: int  # the longest dialogue with its response, in tokens
    weights_sha256: str


def load(folder: str | Path) -> Scorer:
    """The reward model of a folder that training wrote; on the GPU in bf16 where there is one, else on the CPU."""
    folder = Path(folder)
    if not (folder / "reward.json").is_file():
        raise RewardError(f"There is no reward.json in {folder}: it is not a reward model.")
    cuda = torch.cuda.is_available()
    model, tokenizer = open_checkpoint(folder, dtype=torch.bfloat16 if cuda else torch.float32)
    if cuda:
        model.cuda()  # type: ignore[call-arg]  # transformers' wrapper of it hides the model
    return Scorer(model, tokenizer, context_of(model), weights_hash(folder))


def open_checkpoint(folder: Path, *, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A checkpoint with a scalar head, which is drawn anew where there is none, and its tokenizer.

    Local files in safetensors only; code that lies beside the weights is never run.
    """
    check_folder(folder)
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    if tokenizer.chat_template is None:
        raise RewardError(f"The tokenizer in {folder} has no chat template: start from a chat checkpoint.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=1, use_safetensors=True, dtype=dtype, **options
    )
    model.config.pad_token_id = tokenizer.pad_token_id  # by which the last token of a row is found
    return model, tokenizer


def context_of(model: PreTrainedModel) -> int:
    return int(model.config.get_text_config().max_position_embeddings)


def encode(tokenizer: PreTrainedTokenizerBase, messages: Messages, response: str) -> list[int]:
    """The dialogue with its response through the chat template, as token ids.

    Marks such as an end-of-text token inside a content are taken apart, so that no text can end a turn.
    """
    dialogue = [{"role": message["role"], "content": _defused(tokenizer, message["content"])} for message in messages]
    dialogue.append({"role": "assistant", "content": _defused(tokenizer, response)})
    text = tokenizer.apply_chat_template(dialogue, tokenize=False)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def score(scorer: Scorer, pairs: Sequence[tuple[Messages, str]]) -> list[float]:
    """One score each of (messages up to the user's last, response), in order; the sigmoid of it is the reward.

    The same within TOLERANCE whatever is scored together. RewardError names the first that the model cannot read.
    """
    return score_ids(scorer, [encode(scorer.tokenizer, messages, response) for messages, response in pairs])


@torch.inference_mode()
def score_ids(scorer: Scorer, rows: Sequence[list[int]]) -> list[float]:
    """As `score`, of dialogues that are encoded already."""
    for place, ids in enumerate(rows, start=1):
        if len(ids) > scorer.context:
            raise RewardError(
                f"Response {place} has {len(ids)} tokens with its dialogue; this model can read {scorer.context}."
            )
    scores: dict[int, float] = {}
    filler = int(scorer.tokenizer.pad_token_id)
    for batch in _batches(rows):
        longest = max(len(rows[i]) for i in batch)
        tokens = torch.tensor([rows[i] + [filler] * (longest - len(rows[i])) for i in batch])  # (rows, longest)
        mask = torch.tensor([[1] * len(rows[i]) + [0] * (longest - len(rows[i])) for i in batch])
        device = scorer.model.device
        logits = scorer.model(input_ids=tokens.to(device), attention_mask=mask.to(device), use_cache=False).logits
        scores.update(zip(batch, logits[:, 0].float().tolist(), strict=True))
    if not all(map(math.isfinite, scores.values())):
        raise RewardError(
            "The reward model gives scores that are no numbers: its training went astray. Train it anew at a lower "
            "learning rate."
        )
    return [scores[i] for i in range(len(rows))]


def _batches(rows: Sequence[list[int]]) -> Iterator[list[int]]:
    """Places of rows of like length, the shortest first: the less padding, the less work."""
    batch: list[int] = []
    for place in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if batch and (len(batch) == MOST_ROWS or (len(batch) + 1) * len(rows[place]) > MOST_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _defused(tokenizer: PreTrainedTokenizerBase, content: str) -> str:
    for mark in tokenizer.all_special_tokens:
        content = content.replace(mark, f"{mark[0]} {mark[1:]}")
    return content


def score_file(scorer: Scorer, source: Path, out: Path) -> int:
    """Scores a file of lines into another, which gets its name once it is whole; returns how many."""
    aside, written = out.with_name(f".{out.name}.part"), 0
    with source.open("rb") as lines, aside.open("wb") as target:
        for chunk in _chunks(lines):
            scores = score(scorer, [(line["messages"], line["response"]) for line in chunk])
            for line, number in zip(chunk, scores, strict=True):
                scored = {**line, "score": number, "reward": float(scipy.special.expit(number))}
                target.write(orjson.dumps(scored, option=orjson.OPT_APPEND_NEWLINE))
            written += len(chunk)
    aside.rename(out)
    return written


def _chunks(lines: Any) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            chunk.append(_parsed(line, number))
        if len(chunk) == LINES_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    wanted = 'it must be {"messages": [{"role": "user", "content": "…"}], "response": "…"}'
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RewardError(f"Line {number} is not JSON ({error}): {wanted}. Nothing was written.") from None
    messages = parsed.get("messages") if isinstance(parsed, dict) else None
    good = isinstance(messages, list) and messages and isinstance(parsed.get("response"), str)
    if not good or not all(_is_message(message) for message in messages or []):
        raise RewardError(f"Line {number} cannot be scored: {wanted}. Nothing was written.")
    return dict(parsed)


def _is_message(message: Any) -> bool:
    return isinstance(message, Mapping) and all(isinstance(message.get(name), str) for name in ("role", "content"))


def quiet() -> None:
    """For a process of its own: no progress bars, and one thread on a CPU, whose sums come out the same anywhere."""
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if not torch.cuda.is_available():
        torch.set_num_threads(1)


def main(folder: str, source: str, out: str) -> None:
    quiet()
    try:
        written = score_file(load(folder), Path(source), Path(out))
    except (RewardError, OSError) as refusal:
        sys.exit(str(refusal))
    sys.stdout.write(f"{out}: {written} scores\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: python -m workers.rewards.scoring MODEL_DIR IN.jsonl OUT.jsonl")
    main(*sys.argv[1:])
