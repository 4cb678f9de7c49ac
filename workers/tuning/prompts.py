"""Prompts to sample answers for: those of campaigns or of a file, never of the held-out side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from preferences.actions import holdout
from preferences.choices import Split, Track
from preferences.erasing import ERASED
from preferences.held_out import HeldOut, drawn_sides, tells_by_itself
from preferences.models import Campaign, Turn
from workers.engines.base import InvalidRequest, Request, SamplingParams
from workers.rewards.errors import RewardError
from workers.tuning.candidates import prompt_key

CHUNK = 500
# Any parameters do: only the form of the dialogue is looked at.
_ANY = SamplingParams(temperature=0.0, top_p=1.0, max_tokens=1, seed=0)


@dataclass
class Wanted:
    """Rows for prompts.jsonl, each dialogue once; what was not taken is counted by why while they are read."""

    left_out: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)

    def of_campaigns(self, campaigns: Sequence[Campaign]) -> Iterator[dict[str, Any]]:
        """Every user message of the campaigns' sealed batches, with the dialogue before it.

        What no batch holds yet is left out: its side is not drawn, and it may turn out to be held out. So is what has
        been said since in a dialogue that is trained on, where it is near a prompt that is held out, and every dialogue
        of which something was erased.
        """
        held_out = HeldOut()
        turns = Turn.objects.filter(dialogue__campaign__in=campaigns).select_related(
            "prompt", "dialogue__campaign", "chosen_response"
        )
        turns = turns.prefetch_related("dialogue__turns__prompt", "dialogue__turns__chosen_response").order_by("pk")
        for chunk in _chunks(turns.iterator(chunk_size=CHUNK)):
            families = [_family(turn) for turn in chunk]
            sides = drawn_sides(families)
            said = [turn.messages() for turn in chunk]
            near = held_out.have([_asked(messages) for messages in said])
            for turn, family, messages, is_near in zip(chunk, families, said, near, strict=True):
                if any(message["content"] == ERASED for message in messages):
                    self.left_out["erased"] += 1  # with it stay away the candidates that earlier sets have for it
                    continue
                side = sides.get(family)
                if side != Split.TRAIN or is_near:
                    self.left_out["held_out" if side else "not_sealed"] += 1
                    continue
                is_safety = turn.dialogue.campaign.track == Track.SAFETY or bool(turn.prompt.risk_category)
                if _is_dialogue(messages):
                    yield from self._once(messages, is_safety)
                else:  # of an earlier turn no answer was chosen
                    self.left_out["broken_off"] += 1

    def of_file(self, path: Path) -> Iterator[dict[str, Any]]:
        """The lines of a file: {"messages": [{"role", "content"}, …], "is_safety": false}.

        What they ask is trained on from now on, so that it will never be held out.
        """
        held_out = HeldOut()
        with path.open("rb") as lines:
            rows = (_parsed(line, number) for number, line in enumerate(lines, start=1) if line.strip())
            for chunk in _chunks(rows):
                asked = [_asked(row["messages"]) for row in chunk]
                allowed = holdout.keep_for_training(dialogues=asked, held_out=held_out, source=path.name, by=None)
                for row, may in zip(chunk, allowed, strict=True):
                    if not may:
                        self.left_out["held_out"] += 1
                        continue
                    yield from self._once(row["messages"], bool(row.get("is_safety", False)))

    def _once(self, messages: Sequence[Any], is_safety: bool) -> Iterator[dict[str, Any]]:
        key = prompt_key(messages)
        if key in self._seen:
            self.left_out["twice"] += 1
            return
        self._seen.add(key)
        plain = [{"role": message["role"], "content": message["content"]} for message in messages]
        yield {"key": key, "messages": plain, "is_safety": is_safety}


def _family(turn: Turn) -> str:
    """Whose side says whether the turn may be trained on: the message's own, where it has one."""
    begins = turn.index == 0 and not turn.dialogue.context
    return turn.prompt.family if not begins and tells_by_itself(turn.prompt.text) else turn.dialogue.family


def _asked(messages: Sequence[Any]) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "user"]


def _is_dialogue(messages: Sequence[Any]) -> bool:
    try:
        Request(tuple(messages), _ANY)
    except InvalidRequest:
        return False
    return True


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
        Request(tuple(row["messages"]), _ANY)
        if not all(isinstance(message["content"], str) and message["content"] for message in row["messages"]):
            raise TypeError
    except InvalidRequest as error:
        raise RewardError(f"Line {number}: {error} Nothing was sampled.") from None
    except (ValueError, KeyError, TypeError):
        raise RewardError(
            f'Line {number} is no dialogue: it must be {{"messages": [{{"role": "user", "content": "…"}}]}}. '
            "Nothing was sampled."
        ) from None
    return dict(row)


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
