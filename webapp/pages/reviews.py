"""Review: what waits in a campaign; one piece of work, approved, corrected, returned or adjudicated; the next one."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import drafts, memberships, permissions, review_draws, reviews
from annotation.models import Review, Role
from annotation.review_sight import ReviewSight, sight_of
from preferences.choices import RationalePolicy, ReviewReason, ReviewStatus
from preferences.errors import DomainError, NotAllowed
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import pairs
from webapp.pages.requests import answer, campaign_or_404, draft_of, number, person, text_of

BEAT_SECONDS = 30
# What each way to decide lets one type.
TYPED: Mapping[str, tuple[str, ...]] = {
    "correct": ("verdict", "safety_left", "safety_right", "rationale"),
    "return": ("text",),
}


@require_GET
@login_required
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_review(user, campaign)
    review_draws.draw(campaign=campaign)
    waiting = reviews.waiting(campaign)
    now = timezone.now()
    reasons = Counter(reason for found in waiting.values_list("reasons", flat=True) for reason in found)
    context = {
        "campaign": campaign,
        "waiting": waiting.count(),
        "reasons": [(label, reasons[word]) for word, label in ReviewReason.choices if reasons[word]],
        "for_me": reviews.takeable(campaign, user, now).count(),
        "mine": waiting.filter(reviewer=user, held_until__gte=now).exists(),
        "held": waiting.filter(held_until__gte=now).exclude(reviewer=user).count(),
        "returned": Review.objects.filter(campaign=campaign, status=ReviewStatus.RETURNED).count(),
        "paused_people": memberships.paused(campaign),
        "manages": permissions.belongs(user, campaign, Role.MANAGER),
        "is_manager": permissions.is_manager(user),
    }
    return render(request, "review_queue.html", context)


@require_POST
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    return _next(person(request), campaign_or_404(slug))


@require_http_methods(["GET", "POST"])
@login_required
def review(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    if request.method == "GET":
        return _show(request, key, user)
    try:
        decided = _decide(request, key, user)
    except (reviews.ReviewLost, NotAllowed) as lost:
        return _over(request, lost)
    except DomainError as error:
        return _page(request, reviews.looked_at(key, user), user, {**_kept(key, user), **draft_of(request)}, error)
    drafts.drop(about=decided, by=user)
    return _next(user, decided.campaign)


@require_POST
@login_required
def draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Holds the review for longer and keeps what was typed so far."""
    user = person(request)
    try:
        until = reviews.stay(key=key, by=user)
    except reviews.ReviewLost as lost:
        return JsonResponse({"message": str(lost)}, status=409)
    said: dict[str, Any] = {"seconds": round((until - timezone.now()).total_seconds())}
    if names := TYPED.get(request.GET.get("do", "")):
        said["version"] = _keep(request, key, user, names)
    return JsonResponse(said)


@require_POST
@login_required
def leave(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    left = reviews.leave(key=key, by=person(request))
    return redirect("review_queue", left.campaign.slug)


def _decide(request: HttpRequest, key: uuid.UUID, user: User) -> Review:
    said, revision = request.POST.get("decision"), number(request, "revision")
    seen = -1 if revision is None else revision
    if said == "correct":
        return reviews.correct(key=key, by=user, answer=answer(request), revision=seen)
    if said == "return":
        return reviews.send_back(key=key, by=user, feedback=text_of(request, "text"), revision=seen)
    if said == "adjudicate":
        return reviews.adjudicate(key=key, by=user, answer=answer(request))
    return reviews.approve(key=key, by=user, revision=seen)


def _show(request: HttpRequest, key: uuid.UUID, user: User) -> HttpResponse:
    try:
        found = reviews.looked_at(key, user)
    except reviews.ReviewLost as lost:
        return _over(request, lost)
    return _page(request, found, user, _kept(key, user))


def _page(
    request: HttpRequest, found: Review, user: User, typed: Mapping[str, Any], error: DomainError | None = None
) -> HttpResponse:
    sight = sight_of(found, user)
    do = _mode(request, sight)
    given = [{**pairs.fields_of(one.answer), "edited": one.edited} for one in sight.given]
    # A correction begins with what was given, an adjudication with nothing.
    chosen = {**({} if sight.is_disagreement else given[0]), **typed}
    context = {
        **pairs.texts_and_row(sight, chosen if do in ("correct", "adjudicate") else {}),
        "typed": chosen,
        "given": given,
        "do": do,
        "error": error,
        "rationale_required": sight.campaign.rationale == RationalePolicy.REQUIRED,
        "veiled": sight.veil and do == "look" and error is None,
        "version": drafts.find(about=found, by=user).version,
        "beat_seconds": BEAT_SECONDS,
        "seconds_left": max(0, round((sight.held_until - timezone.now()).total_seconds())) if sight.held_until else 0,
    }
    return render(request, "review.html", context, status=status_of(error) if error else 200)


def _mode(request: HttpRequest, sight: ReviewSight) -> str:
    if sight.is_disagreement:
        return "adjudicate"
    wanted = request.POST.get("decision") or request.GET.get("do", "")
    return wanted if wanted in TYPED else "look"


def _over(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Not theirs any more: the sentence, and what they had written, to copy."""
    context = {"error": error, "typed": text_of(request, "text") or text_of(request, "rationale")}
    return render(request, "review_over.html", context, status=status_of(error))


def _next(user: User, campaign: Campaign) -> HttpResponse:
    following = reviews.take(campaign=campaign, by=user)
    return redirect("review", following.key) if following else redirect("review_queue", campaign.slug)


def _kept(key: uuid.UUID, user: User) -> dict[str, str]:
    return drafts.find(about=Review.objects.get(key=key), by=user).fields


def _keep(request: HttpRequest, key: uuid.UUID, user: User, names: tuple[str, ...]) -> str:
    """Stores what this way to decide typed, beside what another one did."""
    about = Review.objects.get(key=key)
    others = {name: text for name, text in drafts.find(about=about, by=user).fields.items() if name not in names}
    typed = {name: text_of(request, name) for name in names}
    return drafts.keep(about=about, fields={**others, **typed}, by=user)
