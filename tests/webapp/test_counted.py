from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.core.cache import caches
from redis.exceptions import ConnectionError as Away

from webapp import counted as module
from webapp.counted import counted, forget, known


def test_what_is_kept_is_not_counted_again_until_it_is_forgotten() -> None:
    assert known("a") is None
    first = counted("a", lambda: 1)
    assert counted("a", lambda: 2) == first == known("a")
    forget(["a", "b"])
    assert counted("a", lambda: 2).value == 2


def test_nothing_is_kept_of_a_count_that_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        counted("a", lambda: 1 // 0)
    assert known("a") is None
    assert counted("a", lambda: 3).value == 3


def test_who_asks_meanwhile_waits_for_the_one_who_counts() -> None:
    begun, may_end, said = threading.Event(), threading.Event(), []

    def slow() -> int:
        said.append("counts")
        begun.set()
        may_end.wait(5)
        return 7

    threads = [threading.Thread(target=lambda: said.append(str(counted("a", slow).value))) for _ in range(3)]
    threads[0].start()
    begun.wait(5)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.1)
    assert said == ["counts"]
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert sorted(said) == ["7", "7", "7", "counts"]


def test_nobody_waits_for_ever_for_one_who_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    caches["counted"].add("1:a:held", True, 30)
    assert counted("a", lambda: 5).value == 5


def test_without_the_cache_everything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise Away

    for name in ("get", "set", "add", "delete", "delete_many"):
        monkeypatch.setattr(caches["counted"], name, away)
    assert counted("a", lambda: 5).value == 5 and known("a") is None
    forget(["a"])
