"""Samples of a duration, and what is said of them."""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext

T = TypeVar("T")


@dataclass(frozen=True)
class Summary:
    least: float  # milliseconds, as the other three; on a noisy machine the nearest to what the work itself takes
    p50: float
    p95: float
    p99: float
    samples: int
    queries: list[int]  # the numbers that were counted; empty where they were not

    @classmethod
    def of(cls, seconds: list[float], queries: set[int] | None = None) -> Summary:
        least, p50, p95, p99 = (float(value) * 1000 for value in np.percentile(seconds, [0, 50, 95, 99]))
        return cls(least, p50, p95, p99, len(seconds), sorted(queries or ()))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Stopwatch:
    """Times calls by name. While `warming`, calls are not timed; their queries are counted where `counts`."""

    def __init__(self, *, counts: bool) -> None:
        self.warming = False
        self._counts = counts
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._queries: dict[str, set[int]] = defaultdict(set)

    def time(self, name: str, call: Callable[[], T]) -> T:
        if self.warming:
            return self._counted(name, call) if self._counts else call()
        gc.collect(0)
        begun = time.perf_counter()
        result = call()
        self._seconds[name].append(time.perf_counter() - begun)
        return result

    def summaries(self) -> dict[str, Summary]:
        return {name: Summary.of(seconds, self._queries.get(name)) for name, seconds in self._seconds.items()}

    def _counted(self, name: str, call: Callable[[], T]) -> T:
        with CaptureQueriesContext(connection) as queries:
            result = call()
        self._queries[name].add(sum(query["sql"] not in ("BEGIN", "COMMIT") for query in queries.captured_queries))
        return result
