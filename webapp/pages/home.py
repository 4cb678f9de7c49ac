"""My work: the campaigns that I may work on, and how far I am."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotation import permissions, queue
from annotation.models import Assignment, Role
from preferences.choices import CampaignStatus, SlotStatus
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.pages.requests import campaign_or_404, person


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    campaigns = permissions.campaigns_of(user, Role.ANNOTATOR).filter(status=CampaignStatus.OPEN)
    context = {"campaigns": with_progress(user, campaigns), "is_manager": permissions.is_manager(user)}
    return render(request, "home.html", context)


def with_progress(user: User, campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return campaigns.annotate(
        mine=Count("comparisons__judgments", filter=Q(comparisons__judgments__annotator=user)),
    ).prefetch_related("sampling_plan")


@require_POST
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    return to_next(person(request), campaign_or_404(slug))


def to_next(user: User, campaign: Campaign) -> HttpResponse:
    assignment = queue.claim(campaign=campaign, by=user)
    return redirect(address_of(assignment, campaign))


def address_of(assignment: Assignment | None, campaign: Campaign) -> str:
    if assignment is None:
        return reverse("done", args=[campaign.slug])
    return reverse("compare", args=[assignment.key])


@require_GET
@login_required
def done(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = campaign_or_404(slug)
    permissions.check_can_judge(person(request), campaign)
    held = campaign.slots.filter(status=SlotStatus.LEASED).count()
    return render(request, "done.html", {"campaign": campaign, "held": held})
