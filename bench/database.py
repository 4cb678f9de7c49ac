"""The benchmark's own database, on whatever server the settings name; never any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from bench.settings import DATABASE


def make() -> None:
    """A new, migrated database in place of the last run's."""
    _check()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    call_command("migrate", verbosity=0)


def drop() -> None:
    """Gives the disk back."""
    _check()
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')


@contextmanager
def made_and_dropped(name: str) -> Iterator[None]:
    """Another database on the same server, for what is measured beside; its name says whose it is."""
    if not name.startswith(f"{DATABASE}_"):
        raise SystemExit(f"The benchmark makes no database {name}.")
    drop_it = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    with connection._nodb_cursor() as cursor:
        cursor.execute(drop_it)
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(drop_it)


@contextmanager
def connected_to(name: str) -> Iterator[CursorWrapper]:
    beside = connection.copy("default")
    beside.settings_dict["NAME"] = name
    try:
        with beside.cursor() as cursor:
            yield cursor
    finally:
        beside.close()


def size() -> int:
    """Bytes on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        found: int = cursor.fetchone()[0]
    return found


def empty() -> None:
    """No rows; numbers begin anew."""
    _check()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # past the triggers that keep the record
        call_command("flush", interactive=False, verbosity=0)
        cursor.execute("RESET session_replication_role")
    caches["rendered"].clear()


def _check() -> None:
    if connection.settings_dict["NAME"] != DATABASE:
        raise SystemExit("The benchmark runs on a database of its own: call it with --settings bench.settings.")
