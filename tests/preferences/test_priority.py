"""Long work of a thread comes after what people wait for, and only that thread's."""

from __future__ import annotations

import os
from threading import Thread

from preferences.priority import NICE, after_people


def own() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_only_the_thread_that_works_for_long_stands_back() -> None:
    before, found = own(), list[int]()

    def work() -> None:
        with after_people():
            found.append(own())

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert found == [max(before, NICE)]
    assert own() == before
