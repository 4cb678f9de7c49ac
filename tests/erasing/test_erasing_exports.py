"""Exports that an erasure meets half-way: whatever became of them, no file of theirs stays."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from exports import actions, locks, storage
from exports.erasures import remove_files
from exports.models import Export
from preferences.choices import ExportStatus
from preferences.errors import Conflict, InvalidTransition
from tests import factories
from tests.erasing.written import World
from webapp import erasing

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(made: World, tmp_path: Path, settings: Any) -> Export:
    settings.EXPORTS_DIR = tmp_path
    return factories.export(made.batch, format="votes")


def erase(made: World) -> None:
    erasing.erase_person(person=made.person, reason="They asked for it.", by=None)


def test_of_one_that_the_bucket_did_not_take(made: World, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(export: Export, out: Path) -> None:
        raise Conflict("The storage of exports did not answer.")

    removed: list[str] = []
    monkeypatch.setattr(storage, "address_of", lambda export, out: "s3://exports/here")
    monkeypatch.setattr(storage, "put_away", refuses)
    monkeypatch.setattr(storage, "remove", lambda export: removed.append(export.path))
    out = storage.directory_of(export)
    with pytest.raises(Conflict, match="did not answer"):
        actions.write(export=export, out=out)
    remove_files()
    assert out.is_dir() and not removed  # it can be written again
    erase(made)
    remove_files()
    export.refresh_from_db()
    assert not out.exists() and removed == ["s3://exports/here"]
    assert (export.status, export.path) == (ExportStatus.FAILED, "")


def test_of_one_whose_writer_was_killed_while_it_put_files_away(
    made: World, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is killed it holds its lock and may put more there."""
    noted: list[str] = []
    removed: list[str] = []
    monkeypatch.setattr(storage, "address_of", lambda export, out: "s3://exports/here")
    monkeypatch.setattr(storage, "remove", lambda export: removed.append(export.path))
    monkeypatch.setattr(storage, "put_away", lambda export, out: noted.append(Export.objects.get().path) or erase(made))
    with pytest.raises(InvalidTransition):
        actions.write(export=export, out=storage.directory_of(export))
    assert noted == ["s3://exports/here"]
    with closing(connection.copy()) as writer:
        writer.cursor().execute("SELECT pg_advisory_lock(%s)", [locks.number(f"exports.write:{export.pk}")])
        remove_files()
        export.refresh_from_db()
        assert export.path and removed
    removed.clear()
    remove_files()
    export.refresh_from_db()
    assert not export.path and removed == ["s3://exports/here"]


def test_of_one_that_is_put_away_while_words_are_erased(
    made: World, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    monkeypatch.setattr(storage, "address_of", lambda export, out: "s3://exports/here")
    monkeypatch.setattr(storage, "put_away", lambda export, out: erase(made))
    monkeypatch.setattr(storage, "remove", lambda export: removed.append(export.path))
    out = storage.directory_of(export)
    with pytest.raises(InvalidTransition):
        actions.write(export=export, out=out)
    remove_files()
    export.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN
    assert not out.exists() and removed == ["s3://exports/here"]
