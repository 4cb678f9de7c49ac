"""The replay engine: answers recorded before, from a file of JSON lines. For tests, and to measure all but the model.

A line is {"text": …} with, where known, "messages", "params", "prompt_tokens", "completion_tokens" and
"finish_reason". A request gets the first line that fits it best: its messages and every parameter named; else its
messages without parameters named; else, drawn by its seed, one of the lines that name no messages. Without any of these
it fails.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from workers.engines.base import Completion, EngineError, EngineInfo, Request

VERSION = "1"


class ReplayEngine:
    def __init__(self, location: str, *, chat_template: str = "") -> None:
        if chat_template:
            raise EngineError("Recorded answers were read through a chat template once; leave the variant's empty.")
        try:
            content = Path(location).read_bytes()
        except OSError as error:
            raise EngineError(f"The recorded answers in {location} cannot be read: {error}.") from error
        self._by_messages: dict[str, list[dict[str, Any]]] = {}
        self._for_any: list[dict[str, Any]] = []
        for number, line in enumerate(content.splitlines(), start=1):
            self._keep(_read(line, f"Line {number} of {location}"))
        digest = hashlib.sha256(content).hexdigest()
        self.info = EngineInfo(engine="replay", engine_version=VERSION, weights_hash=digest)

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        return [self._answer(request) for request in requests]

    def _keep(self, line: dict[str, Any]) -> None:
        if "messages" in line:
            self._by_messages.setdefault(_key(line["messages"]), []).append(line)
        else:
            self._for_any.append(line)

    def _answer(self, request: Request) -> Completion | EngineError:
        line = self._find(request)
        if line is None:
            return EngineError("No answer to this dialogue was recorded.")
        text, params = line["text"], request.params
        length: Literal["stop", "length"] = "length" if line.get("finish_reason") == "length" else "stop"
        return Completion(
            text=text,
            prompt_tokens=line.get("prompt_tokens", 0),
            completion_tokens=line.get("completion_tokens", len(text.split())),
            finish_reason=length,
            latency_ms=0,
            seed=params.seed,
            temperature=params.temperature,
            top_p=params.top_p,
        )

    def _find(self, request: Request) -> dict[str, Any] | None:
        said = self._by_messages.get(_key(list(request.messages)), [])
        asked = json.loads(json.dumps(asdict(request.params)))
        for line in said:
            if "params" in line and all(asked.get(name) == value for name, value in line["params"].items()):
                return line
        for line in said:
            if "params" not in line:
                return line
        return self._for_any[request.params.seed % len(self._for_any)] if self._for_any else None


def _key(messages: object) -> str:
    return json.dumps(messages, sort_keys=True)


def _read(line: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError as error:
        raise EngineError(f"{where} is not JSON: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise EngineError(f"{where} holds no text.")
    if not isinstance(content.get("params", {}), dict):
        raise EngineError(f"{where} names parameters that are no object.")
    return content
