"""What the tiny model is trained on: short dialogues of shuffled prompt and answer pairs, as tensors."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import BatchEncoding, PreTrainedTokenizerFast

IGNORED = -100  # the label of a token that no loss is taken on

Pair = tuple[str, str]  # prompt, answer


@dataclass(frozen=True)
class Dialogue:
    tokens: list[int]
    labels: list[int]  # the same tokens where the assistant speaks, IGNORED elsewhere


def encode(pairs: Sequence[Pair], tokenizer: PreTrainedTokenizerFast, *, system: str | None = None) -> Dialogue:
    messages = [] if system is None else [{"role": "system", "content": system}]
    for prompt, answer in pairs:
        messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    encoded = tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
    assert isinstance(encoded, BatchEncoding)  # what return_dict asks for
    tokens, said = encoded["input_ids"], encoded["assistant_masks"]
    return Dialogue(tokens, [token if mine else IGNORED for token, mine in zip(tokens, said, strict=True)])


def endless_dialogues(
    pairs: Sequence[Pair],
    tokenizer: PreTrainedTokenizerFast,
    chance: random.Random,
    *,
    turns: int,
    system_share: float,
) -> Iterator[Dialogue]:
    """Every pair once an epoch, several to a dialogue, so that an answer follows the last question and not the first.

    A share of the dialogues starts with some text as system message: whatever stands there, the user gets an answer.
    """
    waiting: list[Pair] = []
    while True:
        while len(waiting) < turns:
            waiting += chance.sample(pairs, len(pairs))
        system = chance.choice(chance.choice(pairs)) if chance.random() < system_share else None
        yield encode(waiting[:turns], tokenizer, system=system)
        del waiting[:turns]


def right_padded(dialogues: Sequence[Dialogue], filler: int) -> tuple[Tensor, Tensor]:
    """Tokens and labels, both (rows, longest)."""
    longest = max(len(dialogue.tokens) for dialogue in dialogues)
    tokens = [dialogue.tokens + [filler] * (longest - len(dialogue.tokens)) for dialogue in dialogues]
    labels = [dialogue.labels + [IGNORED] * (longest - len(dialogue.labels)) for dialogue in dialogues]
    return torch.tensor(tokens), torch.tensor(labels)


def word_shares(pairs: Sequence[Pair], tokenizer: PreTrainedTokenizerFast) -> Tensor:
    """How often each token is said in the answers, as shares that add up to 1: (vocabulary,)."""
    labels = torch.tensor([label for pair in pairs for label in encode([pair], tokenizer).labels])
    counts = torch.bincount(labels[labels != IGNORED], minlength=len(tokenizer)).float()
    return counts / counts.sum()
