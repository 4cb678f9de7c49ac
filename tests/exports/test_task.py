"""The task that writes an export: called twice, called at once, and called again because its worker was killed."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from exports import actions, tasks
from exports.formats import load_format
from exports.models import Export
from exports.selections import Selection
from preferences import lifecycle
from preferences.choices import ExportStatus
from preferences.errors import Conflict
from preferences.models import Batch, Event
from tests.annotation.helpers import open_campaign
from tests.concurrency import at_once
from tests.exports.helpers import bytes_of, judged, sealed, written

pytestmark = pytest.mark.django_db


def a_batch() -> Batch:
    campaign = open_campaign()
    for _ in range(3):
        judged(campaign)
    return sealed(campaign)


@pytest.fixture
def exports_dir(tmp_path: Path, settings: Any) -> Path:
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.EXPORTS_DIR.mkdir()
    return tmp_path / "exports"


def wanted() -> Export:
    return actions.request(batch=a_batch(), format="trl", margin="small", by=None)


def assert_written_once(export: Export, exports_dir: Path) -> None:
    export.refresh_from_db()
    assert (export.status, export.path) == ("ready", str(exports_dir / str(export.pk)))
    assert [path.name for path in exports_dir.iterdir()] == [str(export.pk)]
    assert Event.objects.filter(verb="export.written").count() == 1


def test_it_writes_once_however_often_it_is_called(exports_dir: Path) -> None:
    export = wanted()

    tasks.write(str(export.pk))
    once = bytes_of(exports_dir)
    tasks.write(str(export.pk))

    assert bytes_of(exports_dir) == once
    assert_written_once(export, exports_dir)


@pytest.mark.django_db(transaction=True)
def test_it_writes_once_when_it_is_called_several_times_at_once(exports_dir: Path) -> None:
    export = wanted()

    got = at_once([partial(tasks.write, str(export.pk))] * 4)

    assert all(outcome is None or isinstance(outcome, Conflict) for outcome in got)
    assert_written_once(export, exports_dir)


@pytest.mark.django_db(transaction=True)
def test_it_leaves_alone_what_another_worker_is_writing(exports_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = wanted()
    meanwhile: list[Any] = []

    def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
        if not meanwhile:
            meanwhile.append("called")
            meanwhile.extend(at_once([partial(tasks.write, str(export.pk))]))
        return load_format("trl")(selection, out, margin=margin, excluded=excluded)

    monkeypatch.setattr(actions, "load_format", lambda name: write)

    tasks.write(str(export.pk))

    assert meanwhile[1] is None or isinstance(meanwhile[1], Conflict)
    assert_written_once(export, exports_dir)


@pytest.mark.django_db(transaction=True)
def test_it_leaves_alone_what_a_command_is_writing(
    exports_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep calls for every unfinished export, also for those of `export_batch`."""
    batch = a_batch()

    def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
        if not exports_dir.joinpath("called").exists():
            exports_dir.joinpath("called").touch()
            assert at_once([partial(tasks.write, str(Export.objects.get().pk))]) == [None]
        return load_format("trl")(selection, out, margin=margin, excluded=excluded)

    monkeypatch.setattr(actions, "load_format", lambda name: write)

    export = actions.write_here(batch=batch, format="trl", margin="small", out=tmp_path / "out")

    assert (export.status, export.path) == ("ready", str(tmp_path / "out"))
    assert [path.name for path in exports_dir.iterdir()] == ["called"]
    assert not Event.objects.filter(verb="export.taken_up").exists()


def test_it_writes_anew_what_a_killed_worker_had_half_written(exports_dir: Path) -> None:
    export = wanted()
    lifecycle.advance(export, ExportStatus.RUNNING)
    half = exports_dir / f".{export.pk}.0123456789abcdef0123456789abcdef"
    half.mkdir()
    (half / "README.md").write_text("half")

    tasks.write(str(export.pk))

    assert_written_once(export, exports_dir)


def test_it_finishes_what_a_killed_worker_had_written_whole(exports_dir: Path, tmp_path: Path) -> None:
    export = wanted()
    written(export.batch, tmp_path / "twin")
    lifecycle.advance(export, ExportStatus.RUNNING)
    (tmp_path / "twin").rename(exports_dir / str(export.pk))  # the same bytes, in place; then the worker was killed
    whole = bytes_of(exports_dir)

    tasks.write(str(export.pk))

    export.refresh_from_db()
    assert (export.status, export.path) == ("ready", str(exports_dir / str(export.pk)))
    assert bytes_of(exports_dir) == whole
    assert export.manifest_sha256 == Export.objects.exclude(pk=export.pk).get().manifest_sha256


def test_it_leaves_a_failed_export_alone(exports_dir: Path) -> None:
    export = wanted()
    lifecycle.advance(export, ExportStatus.RUNNING)
    lifecycle.advance(export, ExportStatus.FAILED, reason="No space left on device")

    tasks.write(str(export.pk))

    assert list(exports_dir.iterdir()) == []
    export.refresh_from_db()
    assert (export.status, export.reason) == ("failed", "No space left on device")
