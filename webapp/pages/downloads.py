"""The files of an export: one by one or as one .tar, in parts, by whoever may have them at that moment.

Two ways in: a person's session, and a link that carries the person's name for an hour, for curl on a machine where
nobody signs in. Either way the person's roles are looked up anew at each request.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from exports import actions, archive, storage
from exports.manifest import Listed
from exports.models import Export
from preferences.choices import ExportStatus
from preferences.errors import Conflict, DomainError, NotAllowed
from webapp import ranges
from webapp.accounts.models import User
from webapp.errors import say, status_of
from webapp.pages.batch_sight import visible
from webapp.pages.requests import person

LINK_SECONDS = 3600
_SALT = "webapp.pages.downloads"
MADE = Export.objects.select_related("batch").filter(status__in=[ExportStatus.READY, ExportStatus.WITHDRAWN])


@dataclass(frozen=True)
class Content:
    """What a name of an export stands for. The ETag is a hash of the bytes, or of what they follow from."""

    files: list[Listed]
    size: int
    etag: str
    read: partial[Iterator[bytes]]


def link(export: Export, user: User, name: str) -> str:
    """An address that needs no session: it acts for the user, for LINK_SECONDS."""
    return reverse("download", args=[signing.dumps([export.pk.hex, str(user.pk)], salt=_SALT), name])


def archive_name(export: Export) -> str:
    return f"{archive.folder(export)}.tar"


@require_safe
@login_required
def export_file(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponseBase:
    """A file that the export's manifest names, or the .tar of them all."""
    export = get_object_or_404(MADE, pk=pk)
    get_object_or_404(visible(person(request)), pk=export.batch_id)
    return send(request, export, name, person(request))


@require_safe
def download(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """As export_file, for who holds the link. A program gets its sentence as plain text."""
    try:
        key, user_key = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired:
        return _told(
            request, _("This link has expired: links last an hour. Take a new one from the batch's page."), 410
        )
    except signing.BadSignature:
        return _told(request, _("This link is not whole. Copy it again from the batch's page."), 403)
    export = get_object_or_404(MADE, pk=uuid.UUID(key))
    user = User.objects.filter(pk=user_key, is_active=True).first()
    try:
        if user is None or not visible(user).filter(pk=export.batch_id).exists():
            raise NotAllowed(_("Whoever asked for this link may not have these files any more. Nothing was sent."))
        return send(request, export, name, user)
    except DomainError as error:
        return _told(request, str(error), status_of(error))


def send(request: HttpRequest, export: Export, name: str, user: User) -> HttpResponseBase:
    """A file of a ready export or the .tar of them all, or the part that the request asks for."""
    if export.status == ExportStatus.WITHDRAWN:
        raise Conflict(
            _("This export was withdrawn: words in it were erased for good. Export the newest version of its batch.")
        )
    content = _content(export, name)
    storage.check_there(export, content.files)
    sent = ranges.answer(request, name=name.rpartition("/")[2], size=content.size, etag=content.etag, read=content.read)
    if request.method == "GET" and sent.streaming:
        actions.note_download(export=export, name=name, part=sent.headers.get("Content-Range", ""), by=user)
    return sent


def _content(export: Export, name: str) -> Content:
    files = storage.files_of(export)
    if name == archive_name(export):
        pieces, read = archive.pieces(export, files), partial(storage.read, export)
        whole = f"tar-{export.manifest_sha256}"
        return Content(files, archive.size(pieces), whole, partial(archive.part, pieces, read))
    for file in files:
        if file.name == name:
            return Content([file], file.bytes, file.sha256, partial(storage.read, export, name))
    raise Http404


def _told(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        return say(request, sentence, status)
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
