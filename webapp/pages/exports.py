"""The exports of a batch: ask for one, watch it being written, get it and load it."""

from __future__ import annotations

import shlex
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from exports import actions, archive, storage, tasks
from exports.formats import load_command
from exports.manifest import Listed
from exports.models import Export
from exports.public_sets import Skipped, names, skipped
from preferences import batch_versions, progress
from preferences.choices import ExportStatus
from preferences.errors import Conflict
from preferences.margins import MARGINS, by_degree
from preferences.models import Batch
from webapp.pages import downloads
from webapp.pages.batch_sight import visible
from webapp.pages.requests import person

ON_A_PAGE = 5  # each takes half a screen
_UNFINISHED = (ExportStatus.PENDING, ExportStatus.RUNNING)


@dataclass(frozen=True)
class Shown:
    """An export as the page shows it; `is_whole` is whether its files are still there.

    `is_superseded` is whether something of its batch was erased since.
    """

    export: Export
    files: list[Listed]
    is_whole: bool
    is_superseded: bool
    archive: str
    standing: progress.Standing | None
    skipped: Skipped
    get: str
    load: str

    @property
    def margin(self) -> str:
        """Its name, or the numbers from the strongest degree on."""
        margin = self.export.margin
        return margin if margin in MARGINS else ", ".join(f"{one:g}" for one in (by_degree(margin) or {}).values())

    @property
    def sets(self) -> str:
        """The public sets beside it, as people know them."""
        return ", ".join(names(self.export.public))

    @property
    def is_remote(self) -> bool:
        return storage.is_remote(self.export)

    @property
    def may_be_written_again(self) -> bool:
        lost = self.export.status == ExportStatus.READY and (self.is_remote or not self.is_whole)
        return not self.is_superseded and (lost or self.export.status == ExportStatus.FAILED)

    @property
    def key(self) -> str:
        return str(self.export.pk)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def listing(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """What batch_exports.html is made of."""
    superseded = batch_versions.is_superseded(batch)
    asked = batch.exports.select_related("batch", "requested_by")  # the newest first
    page = Paginator(asked, ON_A_PAGE).get_page(request.GET.get("page"))
    found = [_shown(request, export, superseded) for export in page]
    return {
        "page": page,
        "batch": batch,
        "exports": found,
        "unfinished": any(one.export.status in _UNFINISHED for one in found),
    }


def _shown(request: HttpRequest, export: Export, superseded: bool) -> Shown:
    name = downloads.archive_name(export)
    address = request.build_absolute_uri(downloads.link(export, person(request), name))
    return Shown(
        export=export,
        files=storage.files_of(export),
        # A bucket is asked at the download: a page waits for no other server.
        is_whole=export.status == ExportStatus.READY and (storage.is_remote(export) or storage.is_whole(export)),
        is_superseded=superseded,
        archive=name,
        skipped=skipped(export.manifest),
        standing=progress.standing(actions.progress_of(export)) if export.status == ExportStatus.RUNNING else None,
        # Sent again after it was cut off, it goes on where it was.
        get=f"curl -f -C - -o {shlex.quote(name)} {shlex.quote(address)} && tar -xf {shlex.quote(name)}",
        load=load_command(export.format, archive.folder(export)),
    )


@require_GET
@login_required
def exports(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The list alone, for the page that renews it while something is being written."""
    batch = get_object_or_404(visible(person(request)), pk=pk)
    return render(request, "batch_exports.html", listing(request, batch))


@require_POST
@login_required
def write_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    wanted = get_object_or_404(Export.objects.select_related("batch"), pk=pk, batch__in=visible(person(request)))
    actions.write_again(export=wanted, by=person(request))
    return called(wanted)


def called(wanted: Export) -> HttpResponse:
    """The way back to the exports of the batch's page, the newest first, once a worker is called."""
    call(wanted)
    return redirect(f"{reverse('batch', args=[wanted.batch_id])}#exports")


def call(wanted: Export) -> None:
    """Has a worker write it; Conflict where none can be called now, which the sweep makes good."""
    try:
        tasks.write.delay(str(wanted.pk))
    except OperationalError:
        raise Conflict(_("The export is noted, but the broker cannot be reached. Ask again when it is back.")) from None
