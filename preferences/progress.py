"""How far long work is, for whoever waits for it.

Told through the cache, so that it is seen while the work's transaction is open; it is no record, and work goes on
where the cache is away. What is done is in the database.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import caches
from redis.exceptions import RedisError

T = TypeVar("T")

EVERY_SECONDS = 1.0
KEPT_SECONDS = 60  # who has told nothing for so long is not at work any more
LEAST_SECONDS = 5  # before that, and before a hundredth is done, nobody can say how long the rest takes
LEAST_SHARE = 0.01
LOOK_EVERY = 100  # rows between two looks at the clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """`done` of `expected` rows after so many seconds; 0 expected where nobody can know."""

    done: int
    expected: int
    seconds: float

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes at the rate so far; None where that cannot be told yet."""
        if not self.expected or self.seconds < LEAST_SECONDS or self.done < LEAST_SHARE * self.expected:
            return None
        return self.seconds * max(self.expected - self.done, 0) / self.done


class Progress:
    """Counts rows of the work named `name` and tells of them, at most once a second."""

    def __init__(self, name: str, *, expected: int = 0) -> None:
        self._name, self._expected, self._done = name, expected, 0
        self._began = time.monotonic()
        self._told = self._began - EVERY_SECONDS
        self._tell()

    @property
    def done(self) -> int:
        return self._done

    @property
    def expected(self) -> int:
        return self._expected

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def over(self, rows: Iterable[T]) -> Iterator[T]:
        """The rows as they are."""
        counted = 0
        for row in rows:
            yield row
            counted += 1
            if counted == LOOK_EVERY:
                self.add(counted)
                counted = 0
        self.add(counted)

    def add(self, rows: int) -> None:
        self._done += rows
        if time.monotonic() - self._told >= EVERY_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        found = Standing(self._done, self._expected, self._told - self._began)
        try:
            caches["progress"].set(self._name, found, KEPT_SECONDS)
        except (RedisError, OSError) as error:
            logger.warning("Progress of %s is told no more, the cache is away: %s", self._name, error)
            self._told = math.inf  # each try would cost the work its patience


def standing(name: str) -> Standing | None:
    """How far the work is; None where nobody is at it, or the cache is away."""
    try:
        found = caches["progress"].get(name)
    except (RedisError, OSError):
        return None
    return found if isinstance(found, Standing) else None
