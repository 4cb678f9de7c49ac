from __future__ import annotations

import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from exports import datacard, manifest
from exports.batch_statistics import batch_statistics
from exports.formats import check_format, load_format, margin_in
from exports.models import BatchStatistics, Export
from exports.public_sets import PublicSet
from exports.selections import Selection, check_mix
from preferences import lifecycle
from preferences.actions import events
from preferences.choices import ExportStatus
from preferences.errors import Conflict
from preferences.margins import canonical
from preferences.models import Batch

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def request(
    *, batch: Batch, format: str, margin: str, by: User | None, mix: str = "", public: Sequence[PublicSet] = ()
) -> Export:
    """Notes that an export is wanted; `write` makes it. Public sets belong to a mix (exports.selections)."""
    check_format(format)
    check_mix(format, mix, public)
    margin = margin_in(format, canonical(margin))
    sets = [one.stored() for one in public]
    export = Export.objects.create(batch=batch, format=format, margin=margin, mix=mix, public=sets, requested_by=by)
    events.record("export.requested", export, by=by, batch=batch.name, format=format, margin=margin, mix=mix)
    return export


@transaction.atomic
def describe(*, batch: Batch) -> dict[str, Any]:
    """The batch's statistics, counted and kept the first time; a batch never changes, nor do they."""
    Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)  # one counts, who comes meanwhile reads
    stored = BatchStatistics.objects.filter(batch=batch).first()
    if stored is None:
        stored = BatchStatistics.objects.create(batch=batch, data=batch_statistics(batch))
        events.record("batch.described", batch, by=None, name=batch.name)
    return dict(stored.data)


@contextmanager
def sole_writer(export_id: uuid.UUID) -> Iterator[bool]:
    """Whether nobody else writes this export now. PostgreSQL frees the lock when its holder dies."""
    key = export_id.int >> 65  # what a bigint holds
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and connection.is_usable():  # else the lock went with its connection
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@transaction.atomic
def take_up(*, export: Export, out: Path) -> None:
    """Ends what a killed writer began: whole files count as written, half ones go and the export waits again."""
    for half in out.parent.glob(f".{out.name}.*"):
        shutil.rmtree(half)
    events.record("export.taken_up", export, by=None)
    if (out / manifest.NAME).exists():
        _note_written(export, out)
    else:
        lifecycle.advance(export, ExportStatus.PENDING)


def write(*, export: Export, out: Path) -> Export:
    """Writes the export's directory `out`: aside, synced, renamed whole; its manifest last."""
    with transaction.atomic():
        lifecycle.advance(export, ExportStatus.RUNNING)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        if out.exists():
            raise Conflict(
                _("%(directory)s exists already; an export never writes over anything. Name another directory.")
                % {"directory": out}
            )
        aside.mkdir(parents=True)
        _fill(aside, export)
        aside.rename(out)
        _sync(out.parent)
    except BaseException as error:
        shutil.rmtree(aside, ignore_errors=True)
        with transaction.atomic():
            lifecycle.advance(export, ExportStatus.FAILED, reason=(str(error) or type(error).__name__)[:300])
            events.record("export.failed", export, by=export.requested_by)
        raise
    with transaction.atomic():
        _note_written(export, out)
    return export


def _note_written(export: Export, out: Path) -> None:
    rows, digest = manifest.rows(out), manifest.file_hash(out / manifest.NAME)
    lifecycle.advance(export, ExportStatus.READY, path=str(out), rows=rows, manifest_sha256=digest)
    events.record("export.written", export, by=export.requested_by, rows=rows, manifest=digest)


def _fill(out: Path, export: Export) -> None:
    excluded: Counter[str] = Counter()
    batch, margin = export.batch, export.margin
    selection = Selection(batch, export.mix, tuple(PublicSet.restored(one) for one in export.public))
    rows = load_format(export.format)(selection, out, margin=margin, excluded=excluded)
    if not rows:
        raise Conflict(
            _("Batch %(batch)s has no comparison with a verdict: %(excluded)s. There is nothing to export.")
            % {"batch": batch, "excluded": dict(excluded)}
        )
    about = describe(batch=batch)
    card = datacard.card(batch, format=export.format, margin=margin, rows=rows, excluded=excluded, about=about)
    (out / "README.md").write_text(card)
    content = manifest.manifest(batch, out, format=export.format, margin=margin, rows=rows, excluded=excluded)
    mixed = selection.as_json()
    manifest.write(out, content | {"statistics": about} | ({"mix": mixed} if mixed else {}))
    for path in [*out.rglob("*"), out]:
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
