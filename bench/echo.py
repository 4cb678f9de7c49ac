"""An engine that costs nothing, so that what is measured is the queue; with the Celery application that knows it.

A variant's location is how many milliseconds a batch takes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from webapp.celery import app
from workers.engines import ENGINES
from workers.engines.base import Completion, EngineError, EngineInfo, Request

ENGINE = "echo"
ENGINES[ENGINE] = f"{__name__}.EchoEngine"
SENTENCE = "It depends on the light, on what lies between, and on who looks; none of the three is ever quite the same. "

__all__ = ["app"]


class EchoEngine:
    """Says the question again, with some 1.1 KB of text that differ by the seed."""

    info = EngineInfo(engine=ENGINE, engine_version="1", weights_hash="")

    def __init__(self, location: str, *, chat_template: str = "") -> None:
        self._seconds = int(location or 0) / 1000

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        time.sleep(self._seconds)
        return [
            Completion(
                text=f"{request.messages[-1]['content']} {SENTENCE * 10}({request.params.seed})",
                prompt_tokens=10,
                completion_tokens=250,
                finish_reason="stop",
                latency_ms=round(1000 * self._seconds),
                seed=request.params.seed,
                temperature=request.params.temperature,
                top_p=request.params.top_p,
            )
            for request in requests
        ]
