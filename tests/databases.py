"""The tests' databases: copied from one that was migrated once, and emptied after a test that committed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tests import states
from webapp.paths import VAR_DIR

PREFIX = "margin_template_"
FIXED = {"django_content_type", "auth_permission"}  # as the migrations leave them


def template() -> str:
    """The name of a migrated database that nobody is connected to; whoever comes first makes it, others wait."""
    name = PREFIX + _fingerprint()
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (VAR_DIR / "template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        there = _templates()
        if name not in there:
            _make(name)
        _drop(there - {name})
    return name


def _fingerprint() -> str:
    found = hashlib.sha256(Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            found.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _templates() -> set[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return {name for (name,) in cursor.fetchall()}


def _make(name: str) -> None:
    """Under another name until it is whole."""
    before, half = connection.settings_dict["NAME"], f"half_{name}"
    test = connection.settings_dict["TEST"]
    named, test["NAME"] = test["NAME"], half
    with states.quick():
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    _plan_by_size()
    connection.close()
    test["NAME"] = named
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


def _plan_by_size() -> None:
    """No autovacuum looks at a table between two tests.

    What it would find is pages without a row, and for the next test PostgreSQL would plan each table as empty however
    many pages it had. Of a table that nobody looked at it takes so many rows as its pages can hold.
    """
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {_quoted(table)} SET (autovacuum_enabled = off)")


def without_waiting_for_the_disk() -> None:
    """A commit in the test's database is there at once and written later: no test outlives a crash of the server.

    A copy does not have the settings of its template.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {_quoted(connection.settings_dict['NAME'])} SET synchronous_commit = off")
    connection.close()  # who connects from now on has it


def _drop(names: set[str]) -> None:
    with connection._nodb_cursor() as cursor:
        for name in names:
            cursor.execute(f'DROP DATABASE "{name}"')


def empty() -> None:
    """Deletes all that a test committed; what the migrations put in stays.

    Django's TRUNCATE of every table makes as many files anew and waits for the disk. Rows of the record are deleted
    past their triggers and constraints, for which the role has to be a superuser, as the embedded server's is.
    """
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - FIXED)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"LOCK TABLE {', '.join(map(_quoted, tables))}")  # waits for who still writes, as TRUNCATE does
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {_quoted(table)} LIMIT 1)" for table in tables))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {_quoted(table)}")


def end_others() -> None:
    """Ends what is still connected: a server's thread whose browser went away in the middle of the last test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
