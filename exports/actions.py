from __future__ import annotations

import os
import shutil
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from exports import datacard, manifest
from exports.formats import FORMATS, load_format
from exports.margins import MARGINS
from exports.models import Export
from preferences import lifecycle
from preferences.actions import events
from preferences.choices import ExportStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Batch

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def request(*, batch: Batch, format: str, margin: str, by: User | None) -> Export:
    """Notes that an export is wanted; `write` makes it."""
    for value, known, field in ((format, FORMATS, "format"), (margin, MARGINS, "margin")):
        if value not in known:
            raise InvalidInput(f"There is no {field} “{value}”; known are {', '.join(known)}.", field=field)
    export = Export.objects.create(batch=batch, format=format, margin=margin, requested_by=by)
    events.record("export.requested", export, by=by, batch=batch.name, format=format, margin=margin)
    return export


@transaction.atomic
def take_up(*, export: Export) -> None:
    """Lets an export whose writer died be written anew; what that one left lies aside and was never a whole one."""
    lifecycle.advance(export, ExportStatus.PENDING)
    events.record("export.taken_up", export, by=None)


def write(*, export: Export, out: Path) -> Export:
    """Writes the export's directory `out`: aside, synced, renamed whole; its manifest last."""
    if out.exists():
        raise Conflict(f"{out} exists already; an export never writes over anything. Name another directory.")
    with transaction.atomic():
        lifecycle.advance(export, ExportStatus.RUNNING)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        aside.mkdir(parents=True)
        rows, digest = _fill(aside, export)
        aside.rename(out)
        _sync(out.parent)
    except BaseException as error:
        shutil.rmtree(aside, ignore_errors=True)
        with transaction.atomic():
            lifecycle.advance(export, ExportStatus.FAILED, reason=(str(error) or type(error).__name__)[:300])
        raise
    with transaction.atomic():
        lifecycle.advance(export, ExportStatus.READY, path=str(out), rows=sum(rows.values()), manifest_sha256=digest)
        events.record("export.written", export, by=export.requested_by, rows=export.rows, manifest=digest)
    return export


def _fill(out: Path, export: Export) -> tuple[dict[str, int], str]:
    excluded: Counter[str] = Counter()
    batch, margin = export.batch, export.margin
    rows = load_format(export.format)(batch, out, margin=margin, excluded=excluded)
    if not rows:
        raise Conflict(f"Batch {batch} has no comparison with a verdict: {dict(excluded)}. There is nothing to export.")
    (out / "README.md").write_text(datacard.card(batch, margin=margin, rows=rows, excluded=excluded))
    content = manifest.manifest(batch, out, format=export.format, margin=margin, rows=rows, excluded=excluded)
    digest = manifest.write(out, content)
    for path in [*out.rglob("*"), out]:
        _sync(path)
    return rows, digest


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
