"""What is being written and not sent: kept where it was refused, saved while it is written, which counts as work."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from annotation import drafts, permissions, writing
from annotation.drafts import Kept
from annotation.sessions import beat_seconds
from preferences.errors import DomainError
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.noticed import Noticed
from webapp.pages.requests import campaign_or_404, draft_of, form_key, person


def kept(request: HttpRequest, about: Model, user: User) -> Kept:
    """What was sent and not stored, as a draft: it is on the page, and there when the person comes back."""
    fields = draft_of(request)
    return Kept(fields, drafts.keep(about=about, fields=fields, by=user))


def saved(request: HttpRequest, about: Model, campaign: Campaign) -> HttpResponse:
    """The answer to a page that saves what its writer has so far."""
    version = writing.beat(about=about, campaign=campaign, fields=draft_of(request), by=person(request))
    return JsonResponse({"version": version})


def form(
    request: HttpRequest, campaign: Campaign, kept: Kept, error: DomainError | None, told: Noticed | None
) -> dict[str, Any]:
    """What each page with a form to write in is made of; `told` is what was noticed before it was stored."""
    return {
        "campaign": campaign,
        "beat_seconds": beat_seconds(campaign),
        "typed": kept.fields,
        "version": kept.version,
        "error": error,
        "noticed": told,
        "key": form_key(request),
    }


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page of such a form, with the status of what became of it."""
    error, told = context["error"], context["noticed"]
    return render(request, template, context, status=status_of(error) if error else 409 if told else 200)


@require_POST
@login_required
def campaign_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Of what begins something in a campaign, whatever its kind: a prompt, an attack, a demonstration."""
    campaign = campaign_or_404(slug)
    permissions.check_is_annotator(person(request), campaign)
    return saved(request, campaign, campaign)
