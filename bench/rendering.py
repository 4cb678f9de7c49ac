"""What it costs to render a text, and what to take it from the cache."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.cache import caches

from bench import texts
from bench.times import Summary
from webapp.rendering import render, rendered

ROUNDS = 40


def measure() -> tuple[Summary, Summary]:
    """Both texts of a pair: rendered, and taken from the cache at one question."""
    pairs = [[texts.response(number, second=False), texts.response(number, second=True)] for number in range(6)]
    caches["rendered"].clear()
    for pair in pairs:
        rendered(pair)
    anew = [_seconds(lambda pair=pair: [render(text) for text in pair]) for _ in range(ROUNDS) for pair in pairs]  # type: ignore[misc]
    kept = [_seconds(lambda pair=pair: rendered(pair)) for _ in range(ROUNDS) for pair in pairs]  # type: ignore[misc]
    return Summary.of(anew), Summary.of(kept)


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
