"""Annotators who send verdicts over real HTTP, at their own pace, and how long each waited."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connections

from bench.visitors import OverHttp, Pair, first_pair
from webapp.accounts.models import User


@dataclass
class Submits:
    """When each was sent, on the monotonic clock, and its seconds; and what stopped somebody."""

    sent: list[tuple[float, float]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def between(self, begun: float, ended: float) -> list[float]:
        return [seconds for at, seconds in self.sent if begun <= at < ended]


@contextmanager
def annotators(address: str, people: Sequence[User], campaigns: Sequence[str], *, every: float) -> Iterator[Submits]:
    """Until the block ends each sends a verdict every so many seconds, half or one and a half times that."""
    found, over = Submits(), threading.Event()

    def work(person: User, slug: str) -> None:
        dice = random.Random(person.pk)
        try:
            visitor = OverHttp(person, address)
            pair = first_pair(visitor, slug)
            while not over.wait(every * dice.uniform(0.5, 1.5)):
                begun = time.monotonic()
                answer = visitor.send("POST", pair.path, pair.answer(), htmx=True)
                found.sent.append((begun, time.monotonic() - begun))
                pair = Pair.of(answer.text)
        except (Exception, SystemExit) as error:
            found.errors.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=work, args=(person, campaigns[place % len(campaigns)]), daemon=True)
        for place, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
