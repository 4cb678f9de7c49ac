"""Demonstrations: write a prompt and its answer, or a dialogue of them; send a returned one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from annotation import demonstrations, drafts, permissions, readings
from annotation.drafts import Kept
from preferences.actions import demonstrations as record
from preferences.actions.demonstrations import Exchange
from preferences.actions.prompts import Labels
from preferences.choices import AttackVector, Category, Criterion, DemonstrationStatus, Kind, RiskCategory
from preferences.errors import DomainError
from preferences.models import Campaign, Demonstration, Message
from webapp.accounts.models import User
from webapp.pages import drafting
from webapp.pages.noticed import Noticed, noticed
from webapp.pages.prompts import LABELS
from webapp.pages.requests import draft_of, form_key, pasted, person
from webapp.pages.texts import conversation, shown

MOST_LISTED = 20


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), get_object_or_404(Campaign, slug=slug, kind=Kind.DEMONSTRATION)
    permissions.check_is_annotator(user, campaign)
    if request.method == "GET":
        permissions.check_can_judge(user, campaign)
        if readings.unread(Campaign.objects.filter(pk=campaign.pk), user).exists():
            return redirect(reverse("campaign_guideline", args=[slug]) + "?then=start")
        return _write_page(request, campaign, drafts.find(about=campaign, by=user))
    if "add" in request.POST:
        return _write_page(request, campaign, _with_one_more(request, campaign, user))
    said, key = exchanges(request.POST), form_key(request)
    try:
        if record.sent_before(key, user) is None and (told := noticed(request, campaign, everything(said), user)):
            return _write_page(request, campaign, drafting.kept(request, campaign, user), told=told)
        demonstrations.submit(
            campaign=campaign, exchanges=said, labels=_labels(request), by=user, key=key, pasted=pasted(request)
        )
    except DomainError as error:
        return _write_page(request, campaign, drafting.kept(request, campaign, user), error)
    drafts.drop(about=campaign, by=user)
    return redirect(reverse("demonstrate", args=[slug]) + "?sent=1")


@require_http_methods(["GET", "POST"])
@login_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own demonstration; where it was returned, the form to send it again."""
    user = person(request)
    mine = _mine(pk, user)
    if request.method == "GET":
        kept = drafts.find(about=mine, by=user)
        return _own_page(request, mine, kept if kept.fields else Kept(_as_typed(mine)))
    if "add" in request.POST:
        return _own_page(request, mine, _with_one_more(request, mine, user))
    said = exchanges(request.POST)
    try:
        if told := noticed(request, mine.campaign, everything(said), user, goes_on=True):
            return _own_page(request, mine, drafting.kept(request, mine, user), told=told)
        demonstrations.rewrite(
            demonstration=mine,
            exchanges=said,
            labels=_labels(request),
            by=user,
            pasted=pasted(request),
        )
    except DomainError as error:
        return _own_page(request, mine, drafting.kept(request, mine, user), error)
    drafts.drop(about=mine, by=user)
    return redirect(reverse("demonstrate", args=[mine.campaign.slug]) + "?sent=1")


@require_POST
@login_required
def own_draft(request: HttpRequest, pk: int) -> HttpResponse:
    mine = _mine(pk, person(request))
    return drafting.saved(request, mine, mine.campaign)


def exchanges(fields: Mapping[str, str]) -> list[Exchange]:
    """Prompts and answers from the form; turns at its end that were left empty are left out."""
    found = [(turn["prompt"], turn["answer"]) for turn in turns_typed(fields)]
    while len(found) > 1 and not "".join(found[-1]).strip():
        found.pop()
    return found


def everything(said: list[Exchange]) -> list[str]:
    return [text for exchange in said for text in exchange]


def turns_of(fields: Mapping[str, str]) -> int:
    """How many turns the form has."""
    said = fields.get("turns", "")
    shown = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 1
    return max(1, min(shown, drafts.MOST_TURNS))


def fields_of(messages: list[Message]) -> dict[str, str]:
    """Messages as the form holds them."""
    parts = {
        f"{'answer' if place % 2 else 'prompt'}_{place // 2 + 1}": message["content"]
        for place, message in enumerate(messages)
    }
    return {**parts, "turns": str(len(messages) // 2)}


def turns_typed(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Browsers send each end of line as two characters."""
    parts = ("prompt", "answer")
    return [
        {part: fields.get(f"{part}_{turn}", "").replace("\r\n", "\n") for part in parts}
        for turn in range(1, turns_of(fields) + 1)
    ]


def _with_one_more(request: HttpRequest, about: Campaign | Demonstration, user: User) -> Kept:
    fields = draft_of(request)
    fields["turns"] = str(turns_of(fields) + 1)
    return Kept(fields, drafts.keep(about=about, fields=fields, by=user))


def _labels(request: HttpRequest) -> Labels:
    return Labels(**{name: request.POST.get(name, "") for name in LABELS})


def _as_typed(mine: Demonstration) -> dict[str, str]:
    version = mine.newest
    return {**fields_of(version.messages), **{name: getattr(version.prompt, name) for name in LABELS}}


def _form(
    request: HttpRequest, campaign: Campaign, kept: Kept, error: DomainError | None, told: Noticed | None = None
) -> dict[str, Any]:
    turns = turns_typed(kept.fields)
    return {
        **drafting.form(request, campaign, kept, error, told),
        "categories": Category.choices,
        "risk_categories": RiskCategory.choices,
        "attack_vectors": AttackVector.choices,
        "turns": turns,
        "can_add": len(turns) < min(campaign.max_turns, drafts.MOST_TURNS),
    }


def _write_page(
    request: HttpRequest,
    campaign: Campaign,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    own = campaign.demonstrations.filter(author=person(request)).order_by("-sent_at")
    returned = own.filter(status=DemonstrationStatus.RETURNED)
    others = own.exclude(status=DemonstrationStatus.RETURNED)[:MOST_LISTED]
    context = {
        **_form(request, campaign, kept, error, told),
        "draft_address": reverse("write_draft", args=[campaign.slug]),
        "sent": request.GET.get("sent") and request.method == "GET",
        "returned": [(one, one.newest) for one in returned],
        "own": [(one, one.newest) for one in others],
    }
    return drafting.page(request, "demonstrate.html", context)


def _own_page(
    request: HttpRequest,
    mine: Demonstration,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    mine = _mine(mine.pk, person(request))
    messages = mine.newest.messages
    context = {
        **_form(request, mine.campaign, kept, error, told),
        "draft_address": reverse("demonstration_draft", args=[mine.pk]),
        "demonstration": mine,
        "is_returned": mine.status == DemonstrationStatus.RETURNED,
        "unmet": [Criterion(word).label for word in mine.unmet],
        "corrected": mine.newest.by_id != mine.author_id,
        "messages_so_far": conversation(messages, shown(message["content"] for message in messages)),
    }
    return drafting.page(request, "demonstration.html", context)


def _mine(pk: int, user: User) -> Demonstration:
    return get_object_or_404(Demonstration.objects.select_related("campaign"), pk=pk, author=user)
