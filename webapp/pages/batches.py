"""Sealed batches: seal the week, look inside, ask for an export, take its files."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from annotation import permissions, sealing
from annotation.models import Role
from exports import actions as export_actions
from exports import manifest, tasks
from exports.formats import FORMATS, load_command
from exports.models import BatchStatistics, Export
from exports.selections import OTHERS
from preferences.choices import ComparisonStatus, ExportStatus, Split, Track
from preferences.errors import Conflict, DomainError, NotAllowed
from preferences.margins import MARGINS
from preferences.models import Batch, Campaign
from preferences.weeks import week_of
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import batch_figures
from webapp.pages.requests import campaign_or_404, person
from workers.rewards import alarms

LEAVES = [Role.MANAGER, Role.ENGINEER]


@require_http_methods(["GET", "POST"])
@login_required
def batches(request: HttpRequest) -> HttpResponse:
    user = person(request)
    error = None
    if request.method == "POST":
        campaign = campaign_or_404(request.POST.get("campaign", ""))
        week, anyway = request.POST.get("week", "").strip(), request.POST.get("anyway", "")
        try:
            batch = sealing.seal(campaigns=[campaign], week=week, by=user, anyway=anyway)
        except DomainError as refused:
            error = refused
        else:
            return redirect("batch", batch.pk)
    context = {
        "batches": _with_counts(visible(user)),
        "campaigns": _with_held_back(permissions.campaigns_of(user, Role.MANAGER)),
        "proposals": sealing.proposals(list(permissions.campaigns_of(user, Role.MANAGER))),
        "week": week_of(timezone.now()),
        "typed": request.POST,
        "is_manager": permissions.is_manager(user),
        "alarms": [one for track in Track for one in alarms.alarms(alarms.newest_models(track))],
        "error": error,
    }
    return render(request, "batches.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_with_counts(visible(person(request))), pk=pk)
    exports = [(export, files_of(export), load_command(export.format, export.path)) for export in found.exports.all()]
    about = statistics_of(found)
    context = {
        "batch": found,
        "exports": exports,
        "figures": batch_figures.figures(about) if about else None,
        "tokenizer": about["tokenizer"] if about else "",
        "formats": FORMATS,
        "margins": MARGINS,
        "mixes": OTHERS,
        "is_manager": permissions.is_manager(person(request)),
    }
    return render(request, "batch.html", context)


@require_GET
@login_required
def batch_statistics(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    about = statistics_of(get_object_or_404(visible(person(request)), pk=pk))
    if about is None:
        raise Http404
    return JsonResponse(about)


def statistics_of(batch: Batch) -> dict[str, Any] | None:
    """None while they are being counted."""
    stored = BatchStatistics.objects.filter(batch=batch).first()
    return dict(stored.data) if stored else None


@require_POST
@login_required
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(visible(user), pk=pk)
    with transaction.atomic():
        wanted = export_actions.request(
            batch=found,
            format=request.POST.get("format", ""),
            margin=request.POST.get("margin", ""),
            mix=request.POST.get("mix", ""),
            by=user,
        )
    try:
        tasks.write.delay(str(wanted.pk))
    except OperationalError:
        raise Conflict(_("The export is noted, but the broker cannot be reached. Ask again when it is back.")) from None
    return redirect("batch", found.pk)


@require_GET
@login_required
def export_file(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse | FileResponse:
    """A file that the export's manifest names, and no other."""
    wanted = get_object_or_404(Export.objects.select_related("batch"), pk=pk, status=ExportStatus.READY)
    get_object_or_404(visible(person(request)), pk=wanted.batch_id)
    if name not in files_of(wanted):
        raise Http404
    return FileResponse((Path(wanted.path) / name).open("rb"), as_attachment=True)


def files_of(export: Export) -> list[str]:
    """The names of a ready export's files; none where it is not ready, or its directory is gone."""
    out = Path(export.path)
    return manifest.file_names(out) if export.status == ExportStatus.READY and (out / manifest.NAME).exists() else []


def visible(user: User) -> QuerySet[Batch]:
    """Batches all of whose campaigns the user manages or engineers."""
    mine = permissions.campaigns_of(user, *LEAVES)
    if not user.is_superuser and not mine.exists():
        raise NotAllowed(_("Batches are for managers and engineers."))
    foreign = Campaign.objects.exclude(pk__in=mine.values("pk"))
    return Batch.objects.exclude(items__comparison__campaign__in=foreign)


def _with_held_back(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    finished = Q(comparisons__status=ComparisonStatus.JUDGED, comparisons__held=True)
    return campaigns.annotate(held_back=Count("comparisons", filter=finished))


def _with_counts(found: QuerySet[Batch]) -> QuerySet[Batch]:
    return found.annotate(
        train=Count("items", filter=Q(items__group__split=Split.TRAIN)),
        test=Count("items", filter=Q(items__group__split=Split.TEST)),
    )
