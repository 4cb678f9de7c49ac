"""A campaign's rule of sealing, and a week of it: what would go in, and the button that seals it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from annotation import permissions, sealing, sealing_orders, sealing_outlook, tasks
from annotation.models import SealingOrder
from exports import exclusions
from preferences import tokenizers
from preferences.actions import batches
from preferences.errors import DomainError
from preferences.models import Batch
from webapp.errors import status_of
from webapp.pages.plan_fields import decimal_of
from webapp.pages.requests import campaign_or_404, number, person

WORDS = ("language", "licence", "tokenizer")


@require_http_methods(["GET", "POST"])
@login_required
def rule(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_manage(user, campaign)
    stored, error = sealing.rule_of(campaign), None
    if request.method == "POST":
        words = {name: request.POST.get(name, "").strip() for name in WORDS}
        switches = {name: name in request.POST for name in ("reviewed_flags", "by_the_clock")}
        try:
            sealing.change_rule(
                campaign=campaign,
                by=user,
                least=number(request, "least"),
                agreement=decimal_of(request.POST, "agreement"),
                reviewed_flags=switches["reviewed_flags"],
                by_the_clock=switches["by_the_clock"],
                language=words["language"],
                licence=words["licence"],
                tokenizer=words["tokenizer"],
            )
        except DomainError as refused:
            error = refused
            for name, value in {**switches, **words}.items():
                setattr(stored, name, value)
        else:
            return redirect(request.path + "?saved=1")
    agreement = "" if stored.agreement is None else f"{stored.agreement:g}"
    context = {
        "campaign": campaign,
        "rule": stored,
        "typed": {
            "least": request.POST.get("least", stored.least),
            "agreement": request.POST.get("agreement", agreement),
        },
        "tokenizers": tokenizers.known(),
        "proposal": sealing.proposal(campaign, sealing.last_week(campaign)),
        "error": error,
        "saved": "saved" in request.GET,
    }
    return render(request, "sealing_rule.html", context, status=status_of(error) if error else 200)


@require_http_methods(["GET", "POST"])
@login_required
def seal(request: HttpRequest, slug: str, week: str) -> HttpResponse:
    """Says what sealing the week means, which nobody can undo, and asks; sent, it seals or orders it."""
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_manage(user, campaign)
    error, anyway = None, request.POST.get("anyway", "")
    if request.method == "POST":
        try:
            return _sealed(sealing_orders.seal(campaign=campaign, week=week, by=user, anyway=anyway))
        except DomainError as refused:
            error = refused
    found = sealing_outlook.outlook(campaign, week)
    without = Counter(exclusions.marked(batches.finished(week, [campaign]), timezone.now()).values())
    context = {
        "campaign": campaign,
        "week": week,
        "outlook": found,
        "proposal": found.proposal,
        "rule": found.rule,
        "flagged": without[exclusions.FLAGGED],
        "not_blind": without[exclusions.NOT_BLIND],
        "ordered": sealing_orders.is_ordered(campaign, week),
        "anyway": anyway,
        "error": error,
    }
    return render(request, "seal.html", context, status=status_of(error) if error else 200)


def _sealed(outcome: Batch | SealingOrder) -> HttpResponse:
    if isinstance(outcome, Batch):
        return redirect("batch", outcome.pk)
    call_sealing(outcome)
    return redirect(f"{reverse('batches')}#orders")


def call_sealing(order: SealingOrder) -> None:
    with suppress(OperationalError):  # the order is noted, and called for again when the broker is back
        tasks.seal_ordered.delay(str(order.pk))
