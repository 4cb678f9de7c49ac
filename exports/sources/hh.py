"""Anthropic HH (arXiv 2204.05862): two whole transcripts a line, “chosen” and “rejected”.

The prompt is what both begin with, up to the last user message that they share; a response is all that follows in its
own transcript, so that prompt and response give the published text back, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

HUMAN, ASSISTANT = "\n\nHuman: ", "\n\nAssistant: "
_ROLES = {"Human": "user", "Assistant": "assistant"}
# The last message of a transcript may be empty and then has no blank behind its colon.
_MARKER = re.compile(r"\n\n(Human|Assistant):(?: |$)")


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    prompt, chosen, rejected = split(entry["chosen"], entry["rejected"])
    yield {
        "id": name,
        "prompt": prompt,
        "response_a": chosen,
        "response_b": rejected,
        "variant_a": "hh chosen",
        "variant_b": "hh rejected",
        "votes": [{"annotator": "hh crowdworker", "chosen": "a"}],
    }


def split(chosen: str, rejected: str) -> tuple[list[dict[str, str]], str, str]:
    """The shared prompt and the two responses."""
    pairs = zip(chosen, rejected, strict=False)
    shared = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(chosen), len(rejected)))
    asked, before = [], ""
    for marker in _MARKER.finditer(chosen):
        if marker.end() > shared:
            break
        if marker[1] == "Assistant" and _speaker(chosen, marker.start(), before) == "Human":
            asked.append(marker)
        before = marker[1]
    if not asked:
        raise ValueError("the two transcripts share no message of a human that an assistant answers")
    end = asked[-1]
    return _messages(chosen[: end.start()]), chosen[end.end() :], rejected[end.end() :]


def join(prompt: list[dict[str, str]], response: str) -> str:
    """The transcript that `split` took apart."""
    markers = {"user": HUMAN, "assistant": ASSISTANT}
    return "".join(markers[message["role"]] + message["content"] for message in prompt) + ASSISTANT + response


def _speaker(transcript: str, end: int, before: str) -> str:
    """Whose message ends there: that of the last marker, `before`, or an empty one, whose marker has no blank."""
    empty = (role for role in _ROLES if transcript.endswith((f"\n\n{role}:", f"\n\n{role}:\n"), 0, end))
    return next(empty, before)


def _messages(transcript: str) -> list[dict[str, str]]:
    parts = _MARKER.split(transcript)[1:]
    return [{"role": _ROLES[role], "content": content} for role, content in zip(parts[::2], parts[1::2], strict=True)]
