"""Whether this worker was asked to end. Celery lets what runs run out; what takes long looks here and stops earlier.

SIGTERM reaches the worker's parent, which closes its children's queue and waits for them: they learn of it by an event
that they have in common since they were forked.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

from celery.signals import worker_shutting_down

_asked = multiprocessing.Event()


def is_asked_for() -> bool:
    return _asked.is_set()


@worker_shutting_down.connect
def ask(**_rest: Any) -> None:
    """In the parent, as the signal comes."""
    _asked.set()
