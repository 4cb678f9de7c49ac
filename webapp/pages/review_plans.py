"""The manager's side of review: the plan, what people flagged and skipped, what is out, how reviewers decide."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation import permissions, returned_work, review_draws, review_plans
from annotation.models import Assignment, Review
from annotation.review_measures import measures
from preferences.choices import ReviewStatus
from preferences.errors import DomainError
from preferences.models import Campaign, Flag
from webapp.errors import status_of
from webapp.pages.requests import campaign_or_404, number, person

MOST = 50


@require_http_methods(["GET", "POST"])
@login_required
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_manage(user, campaign)
    chosen, error = review_plans.plan_of(campaign), None
    if request.method == "POST":
        switches = {name: name in request.POST for name in ("flagged", "safety", "splits")}
        percent, newcomers = number(request, "percent"), number(request, "newcomers")
        try:
            review_plans.change(campaign=campaign, by=user, percent=percent, newcomers=newcomers, **switches)
        except DomainError as refused:
            error = refused
            for name, value in switches.items():
                setattr(chosen, name, value)
        else:
            review_draws.draw(campaign=campaign)
            return redirect(request.path + "?saved=1")
    context = {
        **_listed(campaign),
        "campaign": campaign,
        "plan": chosen,
        "typed": {
            "percent": request.POST.get("percent", chosen.percent),
            "newcomers": request.POST.get("newcomers", chosen.newcomers),
        },
        "error": error,
        "saved": "saved" in request.GET,
        "most": MOST,
    }
    return render(request, "review_plan.html", context, status=status_of(error) if error else 200)


@require_POST
@login_required
def recall(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Returned work whose annotator is away goes back to the reviewers."""
    review = get_object_or_404(Review.objects.select_related("campaign"), key=key)
    returned_work.recall(key=key, by=person(request))
    return redirect("review_plan", review.campaign.slug)


def _listed(campaign: Campaign) -> dict[str, Any]:
    """The newest of each."""
    flags = Flag.objects.filter(comparison__campaign=campaign).select_related("annotator")
    skips = Assignment.objects.filter(comparison__campaign=campaign).exclude(skip_reason="").select_related("annotator")
    out = Review.objects.filter(campaign=campaign, status=ReviewStatus.RETURNED)
    return {
        "flags": flags.order_by("-pk")[:MOST],
        "skips": skips.order_by("-pk")[:MOST],
        "returned": out.select_related("judgment__annotator").order_by("decided_at"),
        "reviewers": measures(campaign),
    }
