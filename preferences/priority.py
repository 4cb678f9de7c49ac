"""Whose work comes first on a machine that people wait for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NICE = 10  # where both want a core, the others have nine tenths of it


@contextmanager
def after_people() -> Iterator[None]:
    """Long work of this thread that nobody waits for at a page.

    Who may not raise a priority again, as most users may not, stays behind: what people wait for, such as sampling and
    leases, is done by other processes. Sealing has the queue `export` (webapp/schedule.py), whose work may all wait.
    """
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(before, NICE))
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)
