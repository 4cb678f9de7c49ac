from __future__ import annotations

import glob
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from exports import again, datacard, faults, manifest, storage
from exports.batch_statistics import batch_statistics
from exports.formats import FORMATS, VOTES, check_format, load_format, margin_in
from exports.locks import alone
from exports.models import BatchStatistics, Export
from exports.public_sets import PublicSet, names
from exports.rows import NEAR_BOTH_SIDES, on_neither_side
from exports.selections import Selection, check_mix
from preferences import batch_versions, lifecycle, metrics
from preferences.actions import events
from preferences.choices import ExportStatus
from preferences.errors import Conflict, InvalidTransition
from preferences.margins import canonical
from preferences.models import Batch
from preferences.progress import Progress
from preferences.streaming import uncollected

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def request(
    *,
    batch: Batch,
    format: str,
    margin: str,
    by: User | None,
    mix: str = "",
    public: Sequence[PublicSet] = (),
    stop: bool = False,
) -> Export:
    """Notes that an export is wanted; `write` makes it. Public sets belong to a mix (exports.selections).

    `stop` has it fail at an entry of theirs that cannot be read, instead of leaving that one out.
    """
    _check_newest(batch)
    check_format(format)
    check_mix(format, mix, public)
    margin = margin_in(format, canonical(margin))
    sets = [one.stored() for one in public]
    export = Export.objects.create(
        batch=batch, format=format, margin=margin, mix=mix, public=sets, stop=stop, requested_by=by
    )
    told: dict[str, Any] = {"batch": batch.name, "format": format, "margin": margin, "mix": mix, "public": names(sets)}
    events.record("export.requested", export, by=by, **told)
    return export


def _check_newest(batch: Batch) -> None:
    if batch_versions.is_superseded(batch):
        raise Conflict(
            _("Something of batch %(batch)s was erased since it was sealed. Export its newest version.")
            % {"batch": batch}
        )


@transaction.atomic
def describe(*, batch: Batch) -> dict[str, Any]:
    """The batch's statistics, counted and kept the first time; a batch never changes, nor do they."""
    Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)  # one counts, who comes meanwhile reads
    stored = BatchStatistics.objects.filter(batch=batch).first()
    if stored is None:
        stored = BatchStatistics.objects.create(batch=batch, data=batch_statistics(batch))
        stored.refresh_from_db()  # JSONB has an order of its own, and whoever comes later reads that one
        events.record("batch.described", batch, by=None, name=batch.name)
    return dict(stored.data)


@transaction.atomic
def note_download(*, export: Export, name: str, part: str, by: User) -> None:
    """`part` as HTTP's Content-Range says it; empty for the whole file."""
    events.record("export.downloaded", export, by=by, name=name, part=part)


@transaction.atomic
def write_again(*, export: Export, by: User) -> None:
    """Has an export written that failed, or whose files are gone: the same id, the same bytes (exports.again)."""
    _check_newest(export.batch)
    if export.status == ExportStatus.READY and storage.is_whole(export):
        raise Conflict(_("The files of this export are where they were. There is nothing to write again."))
    lifecycle.advance(export, ExportStatus.PENDING, reason="")
    events.record("export.wanted_again", export, by=by)
    shutil.rmtree(storage.directory_of(export), ignore_errors=True)  # what is left there is no whole export


def sole_writer(export_id: uuid.UUID) -> AbstractContextManager[bool]:
    """Whether nobody else writes this export now."""
    return alone(f"exports.write:{export_id}")


def write_here(
    *,
    batch: Batch,
    format: str,
    margin: str,
    out: Path,
    mix: str = "",
    public: Sequence[PublicSet] = (),
    stop: bool = False,
) -> Export:
    """`request` and `write` by this process. Where it is killed, a worker writes the export in EXPORTS_DIR.

    What an earlier one that was killed left beside `out` goes. OSError with a sentence where `out` cannot be written.
    """
    with ExitStack() as held:
        if not held.enter_context(alone(f"exports.out:{out}")):
            raise Conflict(_("Another process writes %(directory)s at this moment.") % {"directory": out})
        _remove_halves(out)
        with transaction.atomic():  # its lock is held before any worker can see the export
            export = request(batch=batch, format=format, margin=margin, mix=mix, public=public, stop=stop, by=None)
            held.enter_context(sole_writer(export.pk))
        try:
            return write(export=export, out=out)
        except OSError as error:
            raise OSError(export.reason) from error


def take_up(*, export: Export, out: Path) -> None:
    """Ends what a killed writer began: whole files count as written, half ones go and the export waits again."""
    _remove_halves(out)
    is_whole = (out / manifest.NAME).exists()
    with transaction.atomic():
        events.record("export.taken_up", export, by=None)
        if not is_whole:
            lifecycle.advance(export, ExportStatus.PENDING)
    if is_whole:
        _finish(export, out)


def progress_of(export: Export) -> str:
    """The name of preferences.progress that its writer tells under."""
    return f"export:{export.pk}"


def write(*, export: Export, out: Path) -> Export:
    """Writes the export's directory `out`: aside, synced, renamed whole; its manifest last."""
    with transaction.atomic():
        lifecycle.advance(export, ExportStatus.RUNNING)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    # Nobody can know how much of a mix comes from public files before they were read.
    progress = Progress(progress_of(export), expected=0 if export.mix else _rows_to_read(export))
    try:
        if out.exists():
            raise Conflict(
                _("%(directory)s exists already; an export never writes over anything. Name another directory.")
                % {"directory": out}
            )
        aside.mkdir(parents=True)
        _fill(aside, export, progress)
        aside.rename(out)
        _sync(out.parent)
    except BaseException as error:
        reason = faults.reason(error, aside, progress)
        shutil.rmtree(aside, ignore_errors=True)
        _failed(export, reason)
        raise
    finished = _finish(export, out)
    metrics.EXPORT_SECONDS.labels(export.format).observe(progress.seconds)
    return finished


def _remove_halves(out: Path) -> None:
    """What writers of `out` that were killed left beside it."""
    for half in out.parent.glob(f".{glob.escape(out.name)}.{'[0-9a-f]' * 32}"):
        shutil.rmtree(half)


def _rows_to_read(export: Export) -> int:
    return export.batch.items.count() * FORMATS[export.format].passes


def _finish(export: Export, out: Path) -> Export:
    """Puts what was written where exports are kept, and only then says that it is there."""
    path = str(out)
    try:
        path = storage.address_of(export, out)
        _leave_path(export, path)  # before the first byte lies there: this process may be killed at any of them
        storage.put_away(export, out)
    except BaseException as error:
        _leave_path(export, path)
        _failed(export, (str(error) or type(error).__name__)[: faults.LIMIT])
        raise
    text = (out / manifest.NAME).read_text()
    files = manifest.listed(text)
    # The folder of votes beside another format is of the same comparisons; votes.csv has the rows of its Parquet again.
    rows, digest = sum(file.rows or 0 for file in files if not file.name.startswith(VOTES)), files[-1].sha256
    try:
        with transaction.atomic():
            lifecycle.advance(export, ExportStatus.READY, path=path, rows=rows, manifest=text, manifest_sha256=digest)
            events.record("export.written", export, by=export.requested_by, rows=rows, manifest=digest)
    except InvalidTransition:  # it was withdrawn meanwhile
        _leave_path(export, path)
        raise
    if path != str(out):
        shutil.rmtree(out)
    return export


def _leave_path(export: Export, path: str) -> None:
    """Notes where files lie of an export that is not ready, for an erasure to find them (exports.erasures)."""
    Export.objects.filter(pk=export.pk).update(path=path)


def _failed(export: Export, reason: str) -> None:
    with transaction.atomic():
        lifecycle.advance(export, ExportStatus.FAILED, reason=reason)
        events.record("export.failed", export, by=export.requested_by)


def _fill(out: Path, export: Export, progress: Progress) -> None:
    excluded: Counter[str] = Counter()
    batch, margin = export.batch, export.margin
    public = tuple(PublicSet.restored(one) for one in export.public)
    selection = Selection(batch, export.mix, public, stop=export.stop, progress=progress)
    with uncollected():
        rows = load_format(export.format)(selection, out, margin=margin, excluded=excluded)
    if not rows:
        raise Conflict(
            _("Batch %(batch)s has no comparison with a verdict: %(excluded)s. There is nothing to export.")
            % {"batch": batch, "excluded": dict(excluded)}
        )
    if apart := on_neither_side(batch):
        excluded[NEAR_BOTH_SIDES] += apart
    about = describe(batch=batch)
    hashes = manifest.hashes_of(out, selection.hashes)
    files = manifest.hash_of_all(hashes)
    card = datacard.card(
        batch, format=export.format, margin=margin, rows=rows, files=files, excluded=excluded, about=about
    )
    (out / "README.md").write_text(card)
    content = manifest.manifest(
        batch, out, format=export.format, margin=margin, rows=rows, excluded=excluded, hashes=hashes
    )
    mixed = selection.as_json()
    manifest.write(out, content | {"statistics": about} | ({"mix": mixed} if mixed else {}))
    again.keep_promise(export, out)
    for path in [*out.rglob("*"), out]:
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
