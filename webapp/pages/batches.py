"""Sealed batches: choose a week to seal, look inside, ask for an export, take its files."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import permissions, sealing, sealing_orders
from annotation.models import Role
from exports import actions as export_actions
from exports.batch_statistics import progress_of
from exports.models import BatchStatistics
from exports.webhooks import overview as webhooks
from preferences import batch_versions, progress
from preferences.choices import ComparisonStatus, Split, Track
from preferences.errors import Conflict, DomainError, InvalidInput
from preferences.models import Batch, Campaign
from preferences.weeks import end_of, week_of
from webapp.errors import status_of
from webapp.pages import batch_figures, export_form
from webapp.pages.batch_sight import visible
from webapp.pages.exports import called, listing
from webapp.pages.requests import campaign_or_404, person
from workers.rewards import alarms


@require_http_methods(["GET", "POST"])
@login_required
def batches(request: HttpRequest) -> HttpResponse:
    user = person(request)
    error = None
    if request.method == "POST":  # on to the page that asks whether this week shall be sealed
        campaign, week = campaign_or_404(request.POST.get("campaign", "")), request.POST.get("week", "").strip()
        permissions.check_can_manage(user, campaign)
        try:
            end_of(week)
            return redirect("seal", campaign.slug, week)
        except InvalidInput as refused:
            error = refused
    managed = permissions.campaigns_of(user, Role.MANAGER)
    orders = sealing_orders.shown(managed)
    context = {
        **_of_orders(orders),
        "batches": with_counts(visible(user)).order_by("-sealed_at", "-version"),  # grouping drops the model's order
        "campaigns": _with_held_back(managed),
        "proposals": sealing_orders.without_ordered(sealing.proposals(list(managed)), orders),
        "week": week_of(timezone.now() - timedelta(weeks=1)),
        "running": week_of(timezone.now()),
        "typed": request.POST,
        "is_manager": permissions.is_manager(user),
        "alarms": [one for track in Track for one in alarms.alarms(alarms.newest_models(track))],
        "webhooks_off": webhooks.off_by_themselves(permissions.managed_by(user), also_of_all=user.is_superuser),
        "error": error,
    }
    return render(request, "batches.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """The orders alone, for the page that renews them while something is being sealed."""
    user = person(request)
    visible(user)  # refuses whom the page of batches refuses
    managed = permissions.campaigns_of(user, Role.MANAGER)
    return render(request, "sealing_orders.html", _of_orders(sealing_orders.shown(managed)))


def _of_orders(found: list[sealing_orders.Shown]) -> dict[str, Any]:
    """What sealing_orders.html is made of."""
    return {"orders": found, "is_sealing": any(one.is_open for one in found)}


@require_GET
@login_required
def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, pk)


@require_POST
@login_required
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Asks for an export; what is refused stands in the form as it was typed."""
    user = person(request)
    try:
        wanted = export_actions.request(
            batch=get_object_or_404(visible(user), pk=pk), by=user, **export_form.asked(request.POST)
        )
    except (InvalidInput, Conflict) as refused:
        return _page(request, pk, error=refused)
    return called(wanted)


def _page(request: HttpRequest, pk: uuid.UUID, *, error: DomainError | None = None) -> HttpResponse:
    found = get_object_or_404(with_counts(visible(person(request))), pk=pk)
    context = {
        "batch": found,
        "held_out_share": found.items.filter(group__split=Split.TEST).count() / max(1, found.items.count()),
        **listing(request, found),
        **_of_figures(found),
        **_versions(found),
        **export_form.context(request.POST),
        "is_manager": permissions.is_manager(person(request)),
        "error": error,
    }
    return render(request, "batch.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def figures(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The statistics alone, for the page that renews them until they are counted."""
    return render(request, "batch_figures.html", _of_figures(get_object_or_404(visible(person(request)), pk=pk)))


def _of_figures(batch: Batch) -> dict[str, Any]:
    """What batch_figures.html is made of."""
    about = statistics_of(batch)
    return {
        "batch": batch,
        "figures": batch_figures.figures(about) if about else None,
        "tokenizer": about["tokenizer"] if about else "",
        "apart": about.get("on_neither_side", 0) if about else 0,
        "standing": None if about else progress.standing(progress_of(batch)),
    }


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


def _versions(batch: Batch) -> dict[str, Any]:
    """Where something was erased: the newest version, and what differs from the one before."""
    others = Batch.objects.filter(name=batch.name)
    return {
        "later": others.filter(version__gt=batch.version).order_by("-version").first(),
        "before": others.filter(version=batch.version - 1).first(),
        "changes": batch_versions.diff(batch) if batch.version > 1 else None,
    }


def _with_held_back(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    finished = Q(comparisons__status=ComparisonStatus.JUDGED, comparisons__held=True)
    return campaigns.annotate(held_back=Count("comparisons", filter=finished))


def with_counts(found: QuerySet[Batch]) -> QuerySet[Batch]:
    return found.annotate(
        train=Count("items", filter=Q(items__group__split=Split.TRAIN)),
        test=Count("items", filter=Q(items__group__split=Split.TEST)),
        openings=Count("items__group", filter=Q(items__group__split=Split.TEST), distinct=True),
        apart=Count("items", filter=Q(items__group=None)),
        is_superseded=Exists(batch_versions.later()),
    )
