"""Exports of a batch that was superseded: their files hold what was erased, and go."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from exports import storage
from exports.actions import sole_writer
from exports.models import Export
from preferences import lifecycle
from preferences.actions import events
from preferences.batch_versions import newest
from preferences.choices import ExportStatus
from preferences.erasing import Erasing
from preferences.errors import Conflict

log = logging.getLogger(__name__)

HOLDING = (ExportStatus.PENDING, ExportStatus.RUNNING, ExportStatus.READY)


def withdraw(under_way: Erasing) -> None:
    """Withdraws what was exported of the versions before; the files go once the erasure is committed."""
    old = [before.pk for before, _after in under_way.renewed]
    found = list(Export.objects.select_for_update(of=("self",)).filter(batch__in=old, status__in=HOLDING))
    for export in found:
        lifecycle.advance(export, ExportStatus.WITHDRAWN)
        by, erasure = under_way.erasure.by, str(under_way.erasure.pk)
        events.record("export.withdrawn", export, by=by, erasure=erasure, path=export.path)
    transaction.on_commit(remove_files, robust=True)


def remove_files() -> None:
    """Removes what lies of withdrawn exports where this installation keeps its own, and of those that failed before.

    Idempotent.
    """
    gone = Export.objects.filter(status__in=[ExportStatus.WITHDRAWN, ExportStatus.FAILED])
    for export in gone.exclude(batch__in=newest()):
        for directory in directories(export):
            shutil.rmtree(directory, ignore_errors=True)
        if storage.is_remote(export):
            _remove_from_bucket(export)


def _remove_from_bucket(export: Export) -> None:
    """Where somebody still writes, the sweep asks again: more files may come until they are stopped or killed."""
    try:
        with sole_writer(export.pk) as nobody_writes:
            storage.remove(export)
            if nobody_writes:
                Export.objects.filter(pk=export.pk).update(path="")
    except Conflict as refused:
        log.warning("The files of the withdrawn export %s are not removed yet: %s", export.pk, refused)


def directories(export: Export) -> list[Path]:
    """What this installation wrote of an export, whole or half, in its own place."""
    own = Path(settings.EXPORTS_DIR).resolve()
    written = {storage.directory_of(export), *own.glob(f".{export.pk}.*")}
    if export.path and not storage.is_remote(export) and own in (path := Path(export.path).resolve()).parents:
        written.add(path)
    return sorted(path for path in written if path.is_dir())


def elsewhere(under_way: Erasing) -> list[str]:
    """Directories that a command wrote to another place: whoever has them removes them."""
    old = [before.pk for before, _after in under_way.renewed]
    own = Path(settings.EXPORTS_DIR).resolve()
    paths = Export.objects.filter(batch__in=old, status=ExportStatus.WITHDRAWN).exclude(path="")
    paths = paths.exclude(path__startswith=storage.REMOTE)
    return [path for path in paths.values_list("path", flat=True) if own not in Path(path).resolve().parents]
