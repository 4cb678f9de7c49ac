"""The exams of a campaign, for its manager: what is required, who stands how, and one attempt more."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import exam_overview, exam_rules
from annotation.models import Attempt, CampaignExam, Exam, Role
from preferences.actions import guidelines
from preferences.errors import DomainError
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import exam_results, exam_words
from webapp.pages.requests import managed_or_404, number, person


@require_GET
@login_required
def campaign_exams(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, managed_or_404(request, slug))


@require_POST
@login_required
def require_exam(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = managed_or_404(request, slug)
    exam = get_object_or_404(Exam, pk=number(request, "exam"))
    try:
        exam_rules.require(campaign=campaign, exam=exam, by=person(request), retest="retest" in request.POST)
    except DomainError as error:
        return _page(request, campaign, error)
    return redirect("campaign_exams", slug)


@require_POST
@login_required
def release_exam(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = managed_or_404(request, slug)
    exam_rules.release(campaign=campaign, exam=get_object_or_404(Exam, pk=number(request, "exam")), by=person(request))
    return redirect("campaign_exams", slug)


@require_POST
@login_required
def grant_attempt(request: HttpRequest, slug: str) -> HttpResponse:
    """One attempt more, at an exam that the campaign requires, for one of its annotators."""
    campaign = managed_or_404(request, slug)
    required = get_object_or_404(
        CampaignExam.objects.select_related("exam"), campaign=campaign, exam=number(request, "exam")
    )
    annotators = User.objects.filter(memberships__campaign=campaign, memberships__role=Role.ANNOTATOR)
    someone = get_object_or_404(annotators, pseudonym=request.POST.get("person", "").replace("\x00", " "))
    try:
        exam_rules.grant(exam=required.exam, person=someone, campaign=campaign, by=person(request))
    except DomainError as error:
        return _page(request, campaign, error)
    return redirect("campaign_exams", slug)


@require_GET
@login_required
def attempt_of_person(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """What one attempt of an annotator reached, with what was written and what came late."""
    campaign = managed_or_404(request, slug)
    slugs = campaign.required_exams.values("exam__slug")
    people = campaign.memberships.filter(role=Role.ANNOTATOR).values("user")
    attempts = Attempt.objects.select_related("exam", "person").filter(exam__slug__in=slugs, person__in=people)
    attempt = get_object_or_404(attempts, key=key)
    context = {"campaign": campaign, "attempt": attempt, "exam": attempt.exam, "is_manager": True}
    return render(request, "attempt_of_person.html", {**context, **exam_results.shown_of(attempt)})


def _page(request: HttpRequest, campaign: Campaign, error: DomainError | None = None) -> HttpResponse:
    required = list(exam_overview.required(campaign))
    guideline = guidelines.current(campaign)
    context = {
        "campaign": campaign,
        "guideline": guideline,
        "required": [
            {
                "exam": row.exam,
                "row": row,
                "marks": [exam_words.asks(mark) for mark in row.exam.marks.all()],
                "people": exam_overview.people(campaign, row),
                "is_behind": bool(row.exam.guideline and guideline and row.exam.guideline.version < guideline.version),
            }
            for row in required
        ],
        "others": exam_overview.others(campaign, required),
        "is_manager": True,
        "error": error,
    }
    return render(request, "campaign_exams.html", context, status=status_of(error) if error else 200)
