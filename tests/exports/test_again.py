"""An export whose files were lost is written again under its id, to the same bytes or with a loud sentence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from exports import actions, manifest, tasks
from exports.models import Export
from preferences import lifecycle
from preferences.choices import ExportStatus
from preferences.errors import Conflict
from preferences.models import Event
from tests import factories
from tests.exports.helpers import bytes_of, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(tmp_path: Path, settings: Any) -> Export:
    settings.EXPORTS_DIR = tmp_path
    return ready()


def again(export: Export) -> Export:
    actions.write_again(export=export, by=factories.user())
    tasks.write(str(export.pk))
    export.refresh_from_db()
    return export


@pytest.mark.parametrize("lost", ["", "README.md", "manifest.json"])
def test_it_is_the_same_to_the_bit(export: Export, lost: str) -> None:
    out = Path(export.path)
    before, sha256 = bytes_of(out), export.manifest_sha256
    shutil.rmtree(out) if not lost else (out / lost).unlink()

    again(export)

    assert (export.status, export.manifest_sha256) == ("ready", sha256)
    assert bytes_of(out) == before
    assert Event.objects.filter(verb="export.wanted_again", subject=f"export:{export.pk}").count() == 1


def test_a_newer_code_version_alone_does_not_change_it(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    out = Path(export.path)
    before = bytes_of(out)
    shutil.rmtree(out)
    monkeypatch.setattr(manifest, "code_version", lambda: "newer")

    again(export)

    assert export.status == "ready"
    assert bytes_of(out) == before


def test_other_bytes_are_refused_by_name_and_nothing_is_kept(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(export.path)
    sha256 = export.manifest_sha256
    monkeypatch.setattr("exports.actions.datacard.card", lambda *args, **kwargs: "Another card.")

    with pytest.raises(Conflict, match=r"README\.md came out with other bytes"):
        again(export)

    export.refresh_from_db()
    assert (export.status, export.manifest_sha256) == ("failed", sha256)
    assert "Ask for a new export" in export.reason
    assert not Path(export.path).exists()


def test_what_is_there_is_not_written_again(export: Export) -> None:
    with pytest.raises(Conflict, match="where they were"):
        actions.write_again(export=export, by=factories.user())


def test_one_that_failed_is_written_again_under_its_id(tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_DIR = tmp_path
    export = factories.export(factories.batch(comparisons=3))
    lifecycle.advance(export, ExportStatus.RUNNING)
    lifecycle.advance(export, ExportStatus.FAILED, reason="The disk is full.")
    (tmp_path / str(export.pk)).mkdir()  # left by whatever failed

    again(export)

    assert (export.status, export.reason, export.path) == ("ready", "", str(tmp_path / str(export.pk)))
