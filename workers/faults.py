"""Where tests kill a worker: at each point of its loop, by SIGKILL, in the middle of whatever it does.

MARGIN_FAULTS names a directory. A file in it with a point's name kills the first worker that comes there, and is gone
with it. Without the variable, as everywhere but in tests, nothing here does anything.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "MARGIN_FAULTS"
POINTS = ("after-claim", "during-generation", "before-recording", "before-acknowledgement")


def point(name: str) -> None:
    if _is_wanted(name):
        _die()


@contextmanager
def during(name: str, seconds: float = 0.01) -> Iterator[None]:
    """Kills from another thread, a moment after the block has begun, while it waits for what it is to bring."""
    wanted = _is_wanted(f"during-{name}")
    timer = threading.Timer(seconds, _die)
    if wanted:
        timer.start()
    yield
    if wanted:
        timer.join()  # it does not get away because the work was quick


def _is_wanted(name: str) -> bool:
    directory = os.environ.get(VARIABLE)
    if not directory:
        return False
    try:
        (Path(directory) / name).unlink()
    except FileNotFoundError:
        return False
    return True


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
