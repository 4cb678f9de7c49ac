"""What came of a study: the manager's page and its files, each kind of study by a module of its own."""

from __future__ import annotations

from types import ModuleType

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation import permissions
from annotation.models import Role
from preferences.choices import Kind
from preferences.models import Campaign
from webapp.pages import evaluation_results, safety_results
from webapp.pages.requests import campaign_or_404, person

STUDIES: dict[str, ModuleType] = {Kind.EVALUATION: evaluation_results, Kind.SAFETY_RATING: safety_results}


@require_GET
@login_required
def show(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, user = campaign_or_404(slug), person(request)
    study = _study(campaign)
    permissions.check_can_manage(user, campaign)
    context = {
        "campaign": campaign,
        "also_judges": permissions.at_work(user, campaign, Role.ANNOTATOR).exists(),
        "is_manager": True,
        **study.context(campaign, request.GET),
    }
    return render(request, study.TEMPLATE, context)


@require_GET
@login_required
def file(request: HttpRequest, slug: str, table: str) -> StreamingHttpResponse:
    """One of the study's tables as CSV, named by a word."""
    campaign = campaign_or_404(slug)
    study = _study(campaign)
    permissions.check_can_manage(person(request), campaign)
    if table not in study.FILES:
        raise Http404
    answer: StreamingHttpResponse = study.FILES[table](campaign)
    return answer


def _study(campaign: Campaign) -> ModuleType:
    """A campaign that collects has no results of this kind."""
    if campaign.kind not in STUDIES:
        raise Http404
    return STUDIES[campaign.kind]
