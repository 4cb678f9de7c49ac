from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exports import tasks
from exports.models import Export
from preferences import lifecycle
from preferences.choices import ExportStatus
from preferences.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def wanted(settings: Any, tmp_path: Path) -> Export:
    settings.EXPORTS_DIR = tmp_path
    return factories.export(factories.batch())


def test_it_writes_once_however_often_it_is_delivered(wanted: Export, tmp_path: Path) -> None:
    tasks.write(str(wanted.pk))
    wanted.refresh_from_db()
    manifest = tmp_path / str(wanted.pk) / "manifest.json"
    written_at = manifest.stat().st_mtime_ns
    tasks.write(str(wanted.pk))
    assert wanted.status == ExportStatus.READY
    assert manifest.stat().st_mtime_ns == written_at
    assert Event.objects.filter(verb="export.written").count() == 1


def test_it_takes_up_an_export_whose_writer_died(wanted: Export, tmp_path: Path) -> None:
    lifecycle.advance(wanted, ExportStatus.RUNNING)  # and then the process was killed
    tasks.write(str(wanted.pk))
    wanted.refresh_from_db()
    assert wanted.status == ExportStatus.READY
    assert (tmp_path / str(wanted.pk) / "manifest.json").exists()
    assert Event.objects.filter(verb="export.taken_up").count() == 1
