from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import transaction
from redis.exceptions import ConnectionError

from preferences import progress
from preferences.progress import Progress, Standing
from tests.concurrency import at_once


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_nobody_at_work_has_no_progress() -> None:
    assert progress.standing("seal:1") is None


def test_it_is_told_at_most_once_a_second(clock: Clock) -> None:
    told = Progress("seal:1", expected=1000)
    assert progress.standing("seal:1") == Standing(0, 1000, 0)

    told.add(10)
    assert progress.standing("seal:1") == Standing(0, 1000, 0)

    clock.now += 1
    told.add(10)
    assert progress.standing("seal:1") == Standing(20, 1000, 1)


def test_rows_pass_through_and_are_all_counted() -> None:
    told = Progress("seal:1")
    assert list(told.over(range(1234))) == list(range(1234))
    assert told.done == 1234


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (Standing(100, 1000, 10), 90),
        (Standing(1200, 1000, 10), 0),
        (Standing(100, 1000, 4), None),  # too early to tell
        (Standing(5, 1000, 60), None),
        (Standing(100, 0, 60), None),  # nobody knows of how many
    ],
)
def test_what_is_left_is_told_once_it_can_be(found: Standing, left: float | None) -> None:
    assert found.left == left


@pytest.mark.django_db(transaction=True)
def test_others_see_it_while_the_transaction_is_open() -> None:
    with transaction.atomic():
        Progress("seal:1", expected=3)
        assert at_once([lambda: progress.standing("seal:1")])[0].expected == 3


def test_the_work_goes_on_without_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError

    monkeypatch.setattr(progress, "caches", {"progress": Away()})
    assert list(Progress("seal:1").over("ab")) == ["a", "b"]
    assert progress.standing("seal:1") is None
