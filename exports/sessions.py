"""Whether a connection to PostgreSQL is a session of its own, as locks that outlive a transaction need it.

A pooler in transaction mode lends a session for one transaction and hands it on. A lock taken in one would then be
given back in another, and never be free again; cursors of long reads would be gone before they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TRIES = 3


def check_sessions(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A system check of databases: `migrate` asks it, and `check --database default`."""
    return [
        Error(
            f"Between Margin and the database “{alias}” stands a pooler that lends a session for a transaction only.",
            hint="Let DATABASE_URL name PostgreSQL itself, or put the pooler into session mode (docs/scaling.md).",
            id="margin.E001",
        )
        for alias in databases or ()
        if not has_sessions(connections[alias])
    ]


def has_sessions(connection: BaseDatabaseWrapper) -> bool:
    """False where two connections are seen to share a session, or one to change its own."""
    with closing(connection.copy()) as one, closing(connection.copy()) as other:
        first = _session(one)
        for _ in range(TRIES):
            other.set_autocommit(False)
            lent = _session(other)  # which keeps it until its transaction ends
            if lent == first or _session(one) != first:
                return False
            other.rollback()
            other.set_autocommit(True)
    return True


def _session(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
