"""The campaign's guideline: read it, say so, go on."""

from __future__ import annotations

import difflib
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from annotation import permissions, readings
from annotation.models import Role
from preferences.actions import guidelines
from preferences.errors import Conflict
from preferences.models import Campaign, Guideline
from webapp.accounts.models import User
from webapp.pages.compare import mine
from webapp.pages.requests import campaign_or_404, is_htmx, number, person


@require_http_methods(["GET", "POST"])
@login_required
def campaign_guideline(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    _check_may_read(user, campaign)
    guideline = _current(campaign)
    error = None
    if request.method == "POST":
        if number(request, "version") == guideline.version:
            readings.confirm(guideline=guideline, by=user)
            return _then(request, campaign)
        error = Conflict(_("A newer version was published meanwhile. Here it is; read this one."))
    context = {**_context(campaign, guideline, user), "error": error, "then": request.GET.get("then", "")}
    return render(request, "guideline.html", context, status=409 if error else 200)


@require_GET
@login_required
def drawer(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The guideline beside the pair; a page of its own where it was opened as one."""
    user = person(request)
    campaign = mine(key, user).comparison.campaign
    template = "guideline_drawer.html" if is_htmx(request) else "guideline.html"
    return render(request, template, _context(campaign, _current(campaign), user))


def _then(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    then = request.POST.get("then", "")
    if then == "stay":
        return HttpResponse(status=204)
    if then == "write":
        return redirect("write", campaign.slug)
    return redirect("next", campaign.slug) if then == "start" else redirect("home")


def _check_may_read(user: User, campaign: Campaign) -> None:
    """Annotators, and who reviews them."""
    if not permissions.belongs(user, campaign, Role.REVIEWER, Role.MANAGER):
        permissions.check_is_annotator(user, campaign)


def _current(campaign: Campaign) -> Guideline:
    guideline = guidelines.current(campaign)
    if guideline is None:
        raise Http404
    return guideline


def _context(campaign: Campaign, guideline: Guideline, user: User) -> dict[str, Any]:
    last = readings.last_read(campaign, user)
    is_read = last is not None and last.version == guideline.version
    changes = [] if last is None or is_read else _changes(last.text, guideline.text)
    return {"campaign": campaign, "guideline": guideline, "is_read": is_read, "last_read": last, "changes": changes}


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """Lines taken out (-) and put in (+), in order."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [(line[0], line[2:]) for line in lines if line[0] in "+-" and line[2:].strip()]
