"""A backup brings back what was there, or says why it cannot."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from preferences.models import Batch, Judgment
from tests import factories
from tests.conftest import Worker
from webapp.management import backups
from webapp.paths import BASE_DIR


@contextmanager
def a_database(name: str) -> Iterator[None]:
    """The connection goes to a new, empty one."""
    before = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # of a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def kill_a_restore_in_the_middle(directory: Path, eventually: Callable) -> None:
    """PostgreSQL's program waits for a table that somebody else makes, when the command that started it is killed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE django_migrations ()")
        command = subprocess.Popen(
            [sys.executable, "manage.py", "restore", str(directory)], cwd=BASE_DIR, env=Worker.environment()
        )
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        eventually(lambda: cursor.execute(waits) or cursor.fetchone()[0])
        (program,) = psutil.Process(command.pid).children()
        command.kill()
        command.wait()
        eventually(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        eventually(lambda: cursor.execute(others) or cursor.fetchone()[0] == 0)


def test_what_is_restored_has_every_row_and_every_root(
    transactional_db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], eventually: Callable
) -> None:
    made = factories.batch(comparisons=3)
    judgments = Judgment.objects.count()
    out, name = tmp_path / "backup", f"{connection.settings_dict['NAME']}_restored"
    call_command("backup", out=out)
    assert "1 batches. The dump has SHA-256" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["backup", "database.dump", "manifest.json"]
    factories.comparison()  # after the moment of the backup
    with pytest.raises(CommandError, match="never writes over anything"):
        call_command("backup", out=out)
    with pytest.raises(CommandError, match=r"has \d+ tables\. A backup is restored into an empty one only"):
        call_command("restore", out)
    with a_database(name):
        kill_a_restore_in_the_middle(out, eventually)
        call_command("restore", out)  # which wants an empty database
        restored = Batch.objects.get()
        assert (restored.pk, restored.sha256, Judgment.objects.count()) == (made.pk, made.sha256, judgments)
        assert backups.differences(backups.read(out)) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'preferences_judgment'")
            assert cursor.fetchone() == (judgments,)  # what queries are planned by
        with connection.cursor() as cursor:  # past the trigger that keeps it as it is
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE preferences_batchitem SET sha256 = repeat('0', 64) WHERE place = 0")
        assert backups.differences(backups.read(out)) == [f"Batch {restored}: its rows are not those of its root."]
    assert re.search(r"Restored the record of .*: \d+ rows, 1 batches, as they were", capsys.readouterr().out)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup whose dump is not PostgreSQL's, for what is refused before it is looked at."""
    monkeypatch.setattr(backups, "_run", lambda *arguments: Path(arguments[-1].split("=")[1]).write_bytes(b"dump"))
    backups.back_up(tmp_path / "small")
    return tmp_path / "small"


def test_a_damaged_or_half_backup_is_refused_before_anything_is_written(transactional_db: None, small: Path) -> None:
    manifest, dump = small / "manifest.json", small / "database.dump"
    whole = manifest.read_bytes()
    dump.write_bytes(b"dumP")
    with pytest.raises(backups.BackupError, match="its SHA-256 is not that of the manifest"):
        backups.restore(small)
    manifest.write_bytes(whole[:-20])
    with pytest.raises(backups.BackupError, match="cannot be read"):
        backups.restore(small)
    manifest.unlink()
    for wrong in (small, dump):
        with pytest.raises(CommandError, match="one that was never finished"):
            call_command("restore", wrong)


def test_where_nothing_can_be_written_is_said_in_a_sentence(transactional_db: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file"):
        call_command("backup", out=tmp_path / "file" / "backup")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"format": 2}, "backups have format 2 and not 1"),
        ({"server": 99}, "of PostgreSQL 99, and this server is the older"),
        (
            {"migrations": ["preferences.9999_later"]},
            "of a newer Margin: this one does not know preferences.9999",
        ),
    ],
    ids=["format", "server", "code"],
)
def test_one_that_is_newer_than_what_is_here_is_refused(
    changed: dict[str, object], sentence: str, transactional_db: None, small: Path
) -> None:
    manifest = small / "manifest.json"
    manifest.write_bytes(orjson.dumps(orjson.loads(manifest.read_bytes()) | changed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.introspection, "table_names", list)  # as of an empty database
        with pytest.raises(backups.BackupError, match=sentence):
            backups.restore(small)


def test_a_dump_that_fails_leaves_nothing_and_says_why(transactional_db: None, tmp_path: Path) -> None:
    def fail(*_arguments: str) -> None:
        raise backups.BackupError("pg_dump could not do it: no space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backups, "_run", fail)
        with pytest.raises(CommandError, match="no space left"):
            call_command("backup", out=tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []
