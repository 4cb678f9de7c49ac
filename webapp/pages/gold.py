"""Gold: what a manager makes of pairs whose verdict is known, and how often each was judged as known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Avg, Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotation import gold as actions
from annotation import permissions
from annotation.models import Gold
from preferences.choices import Chosen, Degree, JudgmentRole, Position, Purpose
from preferences.errors import DomainError, InvalidInput
from preferences.models import Campaign, Comparison, Judgment
from preferences.planner import by_hash
from preferences.scales import HIGHEST_VIOLATION, Verdict, verdict_at
from webapp.errors import status_of
from webapp.pages import pairs
from webapp.pages.requests import campaign_or_404, number, person, text_of
from webapp.pages.texts import conversation, shown

PROPOSED = 20
STRONG = 3  # “better” or “significantly better”: a pair on which its raters clearly agree


@require_http_methods(["GET", "POST"])
@login_required
def gold(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, user = campaign_or_404(slug), person(request)
    permissions.check_can_manage(user, campaign)
    if request.method == "GET":
        return _page(request, campaign, request.GET)
    try:
        original = _original(request, campaign)
        actions.make(
            original=original,
            verdict=_verdict(request, campaign),
            safety=_safety(request, campaign),
            reason=text_of(request, "reason"),
            by=user,
        )
    except DomainError as error:
        return _page(request, campaign, request.POST, error)
    return redirect("gold", slug)


@require_POST
@login_required
def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    campaign, user = campaign_or_404(slug), person(request)
    permissions.check_can_manage(user, campaign)
    found = get_object_or_404(Gold.objects.select_related("comparison__campaign"), pk=pk, comparison__campaign=campaign)
    actions.retire(gold=found, by=user)
    return redirect("gold", slug)


def _page(
    request: HttpRequest, campaign: Campaign, typed: Mapping[str, Any], error: DomainError | None = None
) -> HttpResponse:
    pair = _pairs(campaign).filter(pk=_pk(typed.get("pair", ""))).first()
    texts = shown([*pair.texts(Position.A), *_words(pair)]) if pair else {}
    context = {
        "campaign": campaign,
        "gold": _with_scores(campaign),
        "proposed": _proposed(campaign),
        "pair": pair,
        "messages_so_far": conversation(pair.turn.messages(), texts) if pair else [],
        "sides": _sides(pair, texts) if pair else [],
        "typed": typed,
        "error": error,
        "degrees": Degree.choices if campaign.the_scale.has_degree else [],
        "has_tie": campaign.the_scale.has_tie,
        "safety_points": pairs.SAFETY_POINTS,
        "scores": range(1, 6),
        "is_manager": True,
    }
    return render(request, "gold.html", context, status=status_of(error) if error else 200)


def _sides(pair: Comparison, texts: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    names = [("a", _("Response A")), ("b", _("Response B"))] if pair.is_pair else [("only", _("Response"))]
    return [(name, title, texts[text]) for (name, title), text in zip(names, pair.texts(Position.A), strict=True)]


def _words(pair: Comparison) -> list[str]:
    return [message["content"] for message in pair.turn.messages()]


def _pairs(campaign: Campaign) -> QuerySet[Comparison]:
    related = ("turn__prompt", "turn__dialogue", "response_a", "response_b", "campaign")
    return Comparison.objects.filter(campaign=campaign, purpose=Purpose.COLLECTION).select_related(*related)


@dataclass(frozen=True)
class Proposal:
    pair: Comparison
    raters: int
    a: int  # of these, those who say A, or that it violates; all of them or none


@by_hash()
def _proposed(campaign: Campaign) -> list[Proposal]:
    """What two or more raters agree on and what is no gold yet: that one response is clearly better, or, where one is
    rated, on which side of the violation line it is."""
    ratings = Judgment.objects.filter(
        comparison__campaign=campaign, comparison__purpose=Purpose.COLLECTION, role=JudgmentRole.RATING
    )
    low, high = (HIGHEST_VIOLATION, HIGHEST_VIOLATION + 1) if campaign.rates_one else (-STRONG, STRONG)
    # Counted by themselves, and only those that are shown are read with all that belongs to them.
    counted = (
        ratings.order_by()
        .values("comparison")
        .annotate(raters=Count("pk"), a=Count("pk", filter=Q(score__lte=low)), b=Count("pk", filter=Q(score__gte=high)))
    )
    is_gold = Gold.objects.filter(original=OuterRef("comparison"), retired_at__isnull=True)
    clear = counted.filter(Q(raters=F("a")) | Q(raters=F("b")), ~Exists(is_gold), raters__gte=2)
    chosen = clear.order_by("-raters", "-comparison").values_list("comparison", "raters", "a")[:PROPOSED]
    found = _pairs(campaign).in_bulk([pk for pk, *_counts in chosen])
    return [Proposal(found[pk], raters, a) for pk, raters, a in chosen]


def _with_scores(campaign: Campaign) -> QuerySet[Gold]:
    """Each with how many judged it and how many of these as known."""
    mine = Gold.objects.filter(comparison__campaign=campaign).select_related("comparison__turn__prompt", "created_by")
    given = Judgment.objects.filter(comparison=OuterRef("comparison"), role=JudgmentRole.RATING)
    counted = given.annotate(is_right=actions.is_right()).order_by().values("comparison")
    return mine.annotate(
        judged=counted.annotate(count=Count("pk")).values("count"),
        right=counted.annotate(share=Avg("is_right") * 100).values("share"),
        first=Min("comparison__judgments__created_at"),
    ).order_by("retired_at", "-pk")


def _original(request: HttpRequest, campaign: Campaign) -> Comparison:
    found = _pairs(campaign).filter(pk=_pk(request.POST.get("pair", ""))).first()
    if found is None:
        raise InvalidInput(_("Choose the pair whose verdict you know."), field="pair")
    return found


def _pk(typed: str) -> int:
    """The number of a pair; 0, which none has, where there is none to be read."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else 0


def _verdict(request: HttpRequest, campaign: Campaign) -> Verdict:
    if campaign.rates_one:
        return verdict_at(campaign.the_scale, number(request, "rating") or 0)
    chosen, degree = request.POST.get("chosen", ""), request.POST.get("degree", "")
    if chosen not in Chosen.values or degree not in ("", *Degree.values):
        raise InvalidInput(_("Say which of the two responses is better."), field="chosen")
    return Verdict(Chosen(chosen), Degree(degree) if degree else None)


def _safety(request: HttpRequest, campaign: Campaign) -> tuple[int, int] | None:
    if not campaign.scores_both:
        return None
    return number(request, "safety_a") or 0, number(request, "safety_b") or 0
