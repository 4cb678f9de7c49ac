"""A copy of the whole record in a directory, and a record made of it: both whole, or not at all.

The directory has PostgreSQL's own dump and a manifest that says what must be found again: the dump's hash, the rows of
every table and the root of every batch, all of one moment, while people go on working. What lies in files beside the
record is not in it: exports are written again to the same bytes, models and tokenizers are whoever's they are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from preferences.batch_versions import EMPTY
from preferences.choices import Split
from preferences.errors import Conflict
from preferences.hashing import merkle_root
from preferences.models import Batch
from preferences.sealed_rows import parts
from webapp.management import children
from webapp.services import postgres

DUMP, MANIFEST = "database.dump", "manifest.json"
FORMAT = 1
PIECE = 1024 * 1024  # bytes


class BackupError(Exception):
    """Why nothing was written or restored, as a sentence."""


@dataclass(frozen=True)
class Manifest:
    format: int
    made_at: str
    server: int  # PostgreSQL's major version
    migrations: list[str]  # app.name
    sha256: str  # of the dump
    rows: dict[str, int]  # by table
    batches: dict[str, str]  # root by name


def back_up(out: Path) -> Manifest:
    """Writes the directory aside, the manifest last, and renames it whole."""
    if out.exists():
        raise BackupError(f"{out} exists already; a backup never writes over anything. Name another directory.")
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    aside.mkdir(mode=0o700)  # it holds everything, also what is nobody else's business
    try:
        with _one_moment() as snapshot:
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={aside / DUMP}")
            made = _manifest(aside / DUMP)
        _write_synced(aside / MANIFEST, orjson.dumps(asdict(made), option=orjson.OPT_INDENT_2))
        aside.rename(out)
        _sync(out.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return made


def restore(directory: Path) -> Manifest:
    """Makes the record anew in an empty database, in one transaction, and checks it against the manifest.

    A dump has no statistics: without them PostgreSQL plans as if the tables were empty, until autovacuum comes by.
    """
    wanted = read(directory)
    _check_target(wanted)
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
         f"--dbname={connection.settings_dict['NAME']}", str(directory / DUMP))  # fmt: skip
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    if found := differences(wanted):
        raise BackupError("What was restored is not what was backed up:\n" + "\n".join(found))
    return wanted


def read(directory: Path) -> Manifest:
    """The manifest of a backup whose dump is what it says."""
    try:
        made = Manifest(**orjson.loads((directory / MANIFEST).read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(f"{directory} has no {MANIFEST}: it is no backup, or one that was never finished.") from None
    except (orjson.JSONDecodeError, TypeError):
        raise BackupError(f"{directory / MANIFEST} cannot be read: it is damaged, or of another version.") from None
    if made.format != FORMAT:
        raise BackupError(
            f"{directory} is of another version, whose backups have format {made.format} and not {FORMAT}."
        )
    if not (directory / DUMP).is_file() or _hash(directory / DUMP) != made.sha256:
        raise BackupError(f"{directory / DUMP} is not what was written: its SHA-256 is not that of the manifest.")
    return made


def differences(wanted: Manifest) -> list[str]:
    """A sentence for all that is not as it was: numbers of rows, roots of batches, and rows against their hashes."""
    rows = _rows()
    found = [
        f"{table}: {rows.get(table)} rows, and not {count}."
        for table, count in wanted.rows.items()
        if rows.get(table) != count
    ]
    stored = _roots()
    found += [f"Batch {name}: another root." for name, root in wanted.batches.items() if stored.get(name) != root]
    if unapplied(wanted):
        return found  # this code cannot read the rows themselves yet
    broken = [batch for batch in Batch.objects.all() if not _is_whole(batch)]
    return found + [f"Batch {batch}: its rows are not those of its root." for batch in broken]


def _is_whole(batch: Batch) -> bool:
    hashes = list(batch.items.order_by("place").values_list("sha256", flat=True))
    if batch.sha256 != (merkle_root(hashes) if hashes else EMPTY):
        return False
    try:
        for split in Split:
            for part in parts(batch, split):
                part.lines()
    except Conflict:
        return False
    return True


def _check_target(wanted: Manifest) -> None:
    tables = connection.introspection.table_names()
    if tables:
        raise BackupError(
            f"The database {connection.settings_dict['NAME']} has {len(tables)} tables. A backup is restored into an "
            "empty one only: make one with createdb, and name it in DATABASE_URL."
        )
    server = connection.pg_version // 10_000  # type: ignore[attr-defined]
    if server < wanted.server:
        raise BackupError(f"The backup is of PostgreSQL {wanted.server}, and this server is the older {server}.")
    if unknown := set(wanted.migrations) - _known_migrations():
        raise BackupError(
            f"The backup is of a newer Margin: this one does not know {min(unknown)}. Restore it with that version."
        )


def unapplied(wanted: Manifest) -> int:
    """How many migrations of this code the record does not have yet."""
    return len(_known_migrations() - set(wanted.migrations))


def _known_migrations() -> set[str]:
    loader = MigrationLoader(None)
    return {f"{app}.{name}" for app, name in loader.disk_migrations}


def _manifest(dump: Path) -> Manifest:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [name for (name,) in cursor.fetchall()]
    return Manifest(
        format=FORMAT,
        made_at=timezone.now().isoformat(),
        server=connection.pg_version // 10_000,  # type: ignore[attr-defined]
        migrations=migrations,
        sha256=_hash(dump),
        rows=_rows(),
        batches=_roots(),
    )


def _rows() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def _roots() -> dict[str, str]:
    """By name; in SQL, since the tables may be those of an older version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sha256 FROM preferences_batch")
        return dict(cursor.fetchall())


@contextmanager
def _one_moment() -> Iterator[str]:
    """A snapshot that pg_dump sees too; nobody waits for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _run(program: str, *arguments: str) -> None:
    """The database is named by variables: what stands on a command line is read by every user of the machine."""
    made: dict[str, Any] = connection.settings_dict
    named = {"PGDATABASE": "NAME", "PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    known = {variable: str(made[name]) for variable, name in named.items() if made[name]}
    known |= {f"PG{name.upper()}": str(value) for name, value in made["OPTIONS"].items() if name.startswith("ssl")}
    # Whoever asked may be gone while the server builds an index for minutes: then it stops, and takes all of it back.
    known["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c client_connection_check_interval=1s".strip()
    command = [str(postgres.programs() / program), *arguments]
    done = children.run(command, environment={**os.environ, **known})
    if done.returncode:
        raise BackupError(f"{program} could not do it: {done.stderr.strip() or f'status {done.returncode}'}")


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_synced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for one in (path, path.with_name(DUMP), path.parent):
        _sync(one)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
