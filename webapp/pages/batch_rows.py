"""Rows of a sealed batch: what proves that one is in it, and which ones an erasure took out or changed."""

from __future__ import annotations

import uuid

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from annotation import permissions
from exports.proofs import proof_of
from preferences import batch_versions
from preferences.models import BatchItem
from webapp.pages.batch_sight import visible
from webapp.pages.requests import person


@require_GET
@login_required
def changes(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """What an erasure took out of a batch's version before, by key and hash."""
    batch = get_object_or_404(visible(person(request)), pk=pk, version__gt=1)
    return JsonResponse(batch_versions.diff(batch))


@require_GET
@login_required
def proof(request: HttpRequest, pk: uuid.UUID, key: uuid.UUID) -> HttpResponse:
    """A file for `manage.py verify_row`; it says what people wrote, so that engineers do not get it."""
    items = BatchItem.objects.select_related("batch", "comparison__campaign")
    item = get_object_or_404(items, batch=pk, comparison__key=key)
    permissions.check_can_manage(person(request), item.comparison.campaign)
    content = orjson.dumps(proof_of(item.batch, item.comparison), option=orjson.OPT_INDENT_2)
    named = {"Content-Disposition": f'attachment; filename="{item.comparison.key}.proof.json"'}
    return HttpResponse(content, content_type="application/json", headers=named)
