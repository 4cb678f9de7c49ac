"""The reviewer's page of a demonstration: correct what is small and approve it, or return it with a comment."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import demonstrations, drafts, permissions, writing
from annotation.drafts import Kept
from annotation.models import Role
from annotation.sessions import beat_seconds
from preferences.choices import Criterion, DemonstrationStatus
from preferences.errors import DomainError, NotAllowed
from preferences.models import Demonstration, Prompt
from webapp.errors import status_of
from webapp.pages.demonstrations import exchanges, fields_of, turns_typed
from webapp.pages.requests import campaign_or_404, draft_of, number, person, text_of


@require_GET
@login_required
def following(request: HttpRequest, slug: str) -> HttpResponse:
    """The demonstration that has waited longest, or that there is none."""
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_review(user, campaign)
    found = demonstrations.to_review(campaign, user).first()
    if found is not None:
        return redirect("review_demonstration", found.pk)
    context = {
        "campaign": campaign,
        "decided": request.GET.get("decided"),
        "manages": permissions.belongs(user, campaign, Role.MANAGER),
        "is_manager": permissions.is_manager(user),
    }
    return render(request, "nothing_to_review.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = person(request), _reviewed(request, pk)
    if request.method == "GET":
        kept = drafts.find(about=found, by=user)
        return _page(request, found, kept if kept.fields else Kept(fields_of(found.newest.messages)))
    met = [word for word in Criterion.values if f"met_{word}" in request.POST]
    version = number(request, "version") or 0
    try:
        if request.POST.get("decision") == "approve":
            said = exchanges(request.POST)
            demonstrations.approve(demonstration=found, version=version, exchanges=said, met=met, by=user)
        else:
            feedback = text_of(request, "feedback")
            demonstrations.send_back(demonstration=found, version=version, feedback=feedback, met=met, by=user)
    except DomainError as error:
        fields = draft_of(request)
        return _page(request, found, Kept(fields, drafts.keep(about=found, fields=fields, by=user)), error)
    drafts.drop(about=found, by=user)
    return redirect(reverse("review_demonstrations", args=[found.campaign.slug]) + "?decided=1")


@require_POST
@login_required
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    found = _reviewed(request, pk)
    roles = demonstrations.REVIEWERS
    version = writing.beat(
        about=found, campaign=found.campaign, fields=draft_of(request), by=person(request), roles=roles
    )
    return JsonResponse({"version": version})


def _reviewed(request: HttpRequest, pk: int) -> Demonstration:
    """The demonstration, without its author's name; its author finds none here."""
    found = get_object_or_404(Demonstration.objects.select_related("campaign"), pk=pk)
    permissions.check_can_review(person(request), found.campaign)
    if found.author_id == person(request).pk:
        raise NotAllowed(_("This is your own work: another reviewer looks at it."))
    return found


def _page(request: HttpRequest, found: Demonstration, kept: Kept, error: DomainError | None = None) -> HttpResponse:
    newest = found.newest
    context = {
        "campaign": found.campaign,
        "demonstration": found,
        "is_open": found.status == DemonstrationStatus.IN_REVIEW,
        "number": newest.number,
        "labels": [label for label in _labels(newest.prompt) if label],
        "beat_seconds": beat_seconds(found.campaign),
        "typed": kept.fields,
        "turns": turns_typed(kept.fields),
        "criteria": [(f"met_{word}", label, f"met_{word}" in request.POST) for word, label in Criterion.choices],
        "version": kept.version,
        "error": error,
    }
    return render(request, "review_demonstration.html", context, status=status_of(error) if error else 200)


def _labels(prompt: Prompt) -> list[str]:
    return [
        prompt.get_category_display(),
        prompt.get_second_category_display(),
        prompt.get_risk_category_display(),
        prompt.get_attack_vector_display(),
    ]
