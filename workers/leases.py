"""A lease is kept alive by a thread while its holder works."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, close_old_connections, connection

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 4.0


@contextmanager
def kept_alive(renew: Callable[[], object]) -> Iterator[None]:
    """Renews the lease every few seconds while the block runs, over a connection of its own."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            close_old_connections()
            try:
                renew()
            except (OperationalError, InterfaceError) as error:
                log.warning("the lease could not be renewed, trying again: %s", error)
                connection.close()
        connection.close()  # the thread's own

    thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
