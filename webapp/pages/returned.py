"""An annotator's reviewed work: what came back, with its feedback, and what reviewers said of the rest."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import drafts, returned_work
from annotation.models import Assignment, Review
from annotation.visibility import sight_of, with_sight
from preferences.choices import ReviewStatus
from preferences.errors import DomainError
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import pairs
from webapp.pages.requests import draft_of, person, text_of

MOST = 50
SAID = (ReviewStatus.APPROVED, ReviewStatus.CORRECTED, ReviewStatus.RETURNED)


@require_http_methods(["GET", "POST"])
@login_required
def returned(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The feedback and the pair as it was judged; the annotator changes the verdict, or keeps it and says why."""
    user = person(request)
    review = get_object_or_404(reviews_of(user), key=key)
    if request.method == "GET":
        kept = drafts.find(about=review, by=user)
        return _page(request, review, user, kept.fields.get("text", ""), version=kept.version)
    try:
        returned_work.keep(key=key, by=user, answer=text_of(request, "text"))
    except DomainError as error:
        version = drafts.keep(about=review, fields={"text": text_of(request, "text")}, by=user)
        return _page(request, review, user, text_of(request, "text"), error, version=version)
    drafts.drop(about=review, by=user)
    return redirect("next", review.campaign.slug)


@require_POST
@login_required
def returned_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    review = get_object_or_404(reviews_of(user), key=key)
    return JsonResponse({"version": drafts.keep(about=review, fields=draft_of(request), by=user)})


@require_GET
@login_required
def reviewed(request: HttpRequest) -> HttpResponse:
    """What reviewers said of the person's work, the newest first."""
    said = reviews_of(person(request)).filter(status__in=SAID).order_by("-decided_at")[:MOST]
    return render(request, "reviewed.html", {"reviews": said, "most": MOST})


def reviews_of(user: User) -> QuerySet[Review]:
    """Of the person's judgments."""
    reviews = Review.objects.filter(judgment__annotator=user)
    return reviews.select_related("campaign", "judgment__assignment")


def _page(
    request: HttpRequest, review: Review, user: User, text: str, error: DomainError | None = None, *, version: str
) -> HttpResponse:
    assignment = with_sight(Assignment.objects.filter(judgment=review.judgment_id), user).get()
    judgment = review.judgment
    assert judgment is not None, "a review of the person's is of their judgment"
    given = pairs.as_typed(judgment, assignment)
    context: dict[str, Any] = {
        **pairs.texts_and_row(sight_of(assignment), {}),
        "review": review,
        "waits": review.status == ReviewStatus.RETURNED,
        "key": assignment.key,
        "given": [given],
        "text": text,
        "error": error,
        "version": version,
    }
    return render(request, "returned.html", context, status=status_of(error) if error else 200)
