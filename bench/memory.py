"""How much memory a process and those that it started have at most, together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

EVERY = 0.1  # seconds


@dataclass
class Memory:
    most: int = 0  # bytes; what processes share is counted once (PSS)


@contextmanager
def watched() -> Iterator[Memory]:
    """While the block runs. Looking costs a millisecond or two for each process."""
    found, over, this = Memory(), threading.Event(), psutil.Process()

    def look() -> None:
        while not over.wait(EVERY):
            found.most = max(found.most, sum(map(_of, [this, *this.children(recursive=True)])))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _of(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it ended meanwhile
