"""Things that happen at once: each call in a thread of its own, with a database connection of its own.

Use with @pytest.mark.django_db(transaction=True): other connections see only what is committed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections

PATIENCE = 60.0


class Beside:
    """A call running in another thread; the constructor returns once it waits for a lock or has ended.

    Begin it inside a transaction that holds what it needs, leave the transaction, then ask for the outcome.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._outcome: list[Any] = []
        self._backend: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + PATIENCE
        while self._thread.is_alive() and not self._waits():
            assert time.monotonic() < deadline, "The other thread neither waited for a lock nor ended."
            time.sleep(0.005)

    def outcome(self) -> Any:
        """The call's result, or the exception that it raised."""
        self._thread.join(PATIENCE)
        return self._outcome[0]

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self._backend = connection.connection.info.backend_pid
            self._outcome.append(self._call())
        except Exception as error:
            self._outcome.append(error)
        finally:
            connections.close_all()

    def _waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", [self._backend])
            return bool(cursor.fetchone()[0])


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Starts all calls together; for each its result, or the exception that it raised."""
    outcomes: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call), daemon=True) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes
