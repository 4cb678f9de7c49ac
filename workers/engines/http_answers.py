"""What a server's body says: one JSON object, or a stream of events that each add some text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from workers.engines.base import EngineError
from workers.engines.http_endpoint import Answer

Finish = Literal["stop", "length"]


@dataclass(frozen=True)
class Said:
    text: str
    finish: Finish
    prompt_tokens: int | None  # None where the server does not count
    completion_tokens: int | None


def read(answer: Answer) -> Said:
    """The first choice; EngineError with a sentence where there is none that is whole."""
    if answer.kind == "text/html":
        raise EngineError("The server sent a web page instead of an answer: is the address right? Most end in /v1.")
    return _streamed(answer.body) if answer.kind == "text/event-stream" else _whole(answer.body)


def _whole(body: bytes) -> Said:
    content = _object(body)
    choice = _choice(content)
    if choice is None:
        raise EngineError("The server sent an answer without any choice in it.")
    message = choice.get("message")
    return _said(_text(message), choice.get("finish_reason"), content.get("usage"))


def _streamed(body: bytes) -> Said:
    parts: list[str] = []
    finish: object = None
    usage: object = None
    for event in _events(body):
        content = _object(event)
        usage = content.get("usage") or usage
        choice = _choice(content)
        if choice is not None:
            parts.append(_text(choice.get("delta")))
            finish = choice.get("finish_reason") or finish
    if finish is None:
        raise EngineError("The server's stream broke off before the answer was whole.")
    return _said("".join(parts), finish, usage)


def _events(body: bytes) -> Iterator[bytes]:
    """The data of each event, up to the one that ends the stream."""
    for line in body.splitlines():
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        yield data


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise EngineError("The server sent something that is not JSON, or only the beginning of it.") from error
    if not isinstance(content, dict):
        raise EngineError("The server sent JSON of another form than an answer has.")
    if error_sent := content.get("error"):
        raise EngineError(f"The server reports an error: {str(error_sent)[:200]}.")
    return content


def _choice(content: dict[str, Any]) -> dict[str, Any] | None:
    choices = content.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise EngineError("The server sent JSON of another form than an answer has.")
    return choices[0] if choices else None


def _text(message: object) -> str:
    text = message.get("content") if isinstance(message, dict) else None
    if text is None:
        return ""
    if not isinstance(text, str):
        raise EngineError("The server sent an answer that is not text.")
    # PostgreSQL stores neither a NUL nor half of a pair of surrogates.
    return text.replace("\x00", "\ufffd").encode("utf-8", errors="replace").decode()


def _said(text: str, finish: object, usage: object) -> Said:
    if finish == "content_filter":
        raise EngineError("The server withheld the answer: its content filter stopped it.")
    if finish not in ("stop", "length"):
        raise EngineError(f"The server ended the answer for a reason that is not one of text: {str(finish)[:40]}.")
    counts = usage if isinstance(usage, dict) else {}
    kind: Finish = "length" if finish == "length" else "stop"
    return Said(text.strip(), kind, _count(counts, "prompt_tokens"), _count(counts, "completion_tokens"))


def _count(usage: dict[str, Any], name: str) -> int | None:
    number = usage.get(name)
    return number if isinstance(number, int) and 0 <= number < 2**31 else None
