"""A campaign's rule of sealing: what must hold before a week becomes a batch."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotation import permissions, sealing
from preferences import tokenizers
from preferences.errors import DomainError
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
