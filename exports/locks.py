"""Work that one process does at a time, whatever was sent twice."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

log = logging.getLogger(__name__)


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else does the work of this name now. PostgreSQL frees the lock when its holder dies.

    It wants a session of its own: exports.sessions checks that there is one.
    """
    key = number(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got and connection.is_usable():  # else the lock went with its connection
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
                if not cursor.fetchone()[0]:
                    log.error("The lock %s was lost on the way: is there a pooler in transaction mode?", name)


def number(name: str) -> int:
    """PostgreSQL knows advisory locks by a bigint."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
