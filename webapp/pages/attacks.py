"""A red-team dialogue: begin it, read the answer, go on or end it, report on it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from annotation import claimants, drafts, permissions, readings, red_team
from annotation.care import care_of
from annotation.drafts import Kept
from preferences.actions import dialogues, prompts
from preferences.actions.prompts import Labels
from preferences.actions.red_team import Findings
from preferences.choices import AttackVector, DialogueStatus, Kind, RiskCategory, RiskDegree, TurnStatus
from preferences.errors import DomainError
from preferences.models import Campaign, Dialogue, Turn
from webapp.accounts.models import User
from webapp.pages import drafting
from webapp.pages.noticed import Noticed, noticed
from webapp.pages.requests import form_key, number, pasted, person, text_of
from webapp.pages.texts import Text, shown
from workers import actions, machines, prefetch, tasks


@require_http_methods(["GET", "POST"])
@login_required
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), _campaign(slug)
    permissions.check_is_annotator(user, campaign)
    if request.method == "GET":
        permissions.check_can_judge(user, campaign)
        if (unfinished := red_team.unfinished(campaign, user).first()) is not None:
            return redirect("attack_dialogue", unfinished.pk)
        if readings.unread(Campaign.objects.filter(pk=campaign.pk), user).exists():
            return redirect(reverse("campaign_guideline", args=[slug]) + "?then=start")
        return _begin_page(request, campaign, drafts.find(about=campaign, by=user))
    text, key = text_of(request, "text"), form_key(request)
    labels = Labels(**{name: request.POST.get(name, "") for name in ("risk_category", "attack_vector")})
    try:
        if not prompts.sent_before(key, user) and (told := noticed(request, campaign, [text], user)):
            return _begin_page(request, campaign, drafting.kept(request, campaign, user), told=told)
        with transaction.atomic():
            turn = red_team.begin(campaign=campaign, text=text, labels=labels, by=user, key=key, pasted=pasted(request))
            _ask(turn, user)
    except DomainError as error:
        return _begin_page(request, campaign, drafting.kept(request, campaign, user), error)
    drafts.drop(about=campaign, by=user)
    return redirect("attack_dialogue", turn.dialogue_id)


@require_http_methods(["GET", "POST"])
@login_required
def dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialogue as it stands; it asks for itself every second while a model answers."""
    user = person(request)
    mine = _mine(pk, user)
    if request.method == "GET":
        return _dialogue_page(request, mine, drafts.find(about=mine, by=user))
    text, key = text_of(request, "text"), form_key(request)
    try:
        if not prompts.sent_before(key, user) and (told := noticed(request, mine.campaign, [text], user, goes_on=True)):
            return _dialogue_page(request, mine, drafting.kept(request, mine, user), told=told)
        with transaction.atomic():
            turn = red_team.go_on(dialogue=mine, text=text, by=user, key=key, pasted=pasted(request))
            _ask(turn, user)
    except DomainError as error:
        return _dialogue_page(request, mine, drafting.kept(request, mine, user), error)
    drafts.drop(about=mine, by=user)
    return redirect("attack_dialogue", pk)


@require_POST
@login_required
def dialogue_draft(request: HttpRequest, pk: int) -> HttpResponse:
    mine = _mine(pk, person(request))
    return drafting.saved(request, mine, mine.campaign)


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    with transaction.atomic():
        claimants.at_work(user, _mine(pk, user).campaign)
        mine = _mine(pk, user)
        last = mine.turns.latest("index")
        if mine.status == DialogueStatus.OPEN:
            tasks.wake_after_commit(prefetch.ask_again(turn=last, by=user))
    return redirect("attack_dialogue", pk)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    mine = _mine(pk, user)
    red_team.end(dialogue=mine, by=user)
    drafts.drop(about=mine, by=user)
    answered = mine.turns.filter(chosen_response__isnull=False).exists()
    return redirect("attack_dialogue", pk) if answered else redirect("attack", mine.campaign.slug)


@require_POST
@login_required
def report(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    mine = _mine(pk, user)
    try:
        red_team.report(dialogue=mine, findings=_findings(request), by=user)
    except DomainError as error:
        return _dialogue_page(request, mine, drafting.kept(request, mine, user), error)
    drafts.drop(about=mine, by=user)
    return redirect(reverse("attack", args=[mine.campaign.slug]) + "?reported=1")


def _findings(request: HttpRequest) -> Findings:
    said = request.POST
    return Findings(
        violating=[turn for turn in range(drafts.MOST_TURNS) if f"violating_{turn}" in said],
        risk_categories=[word for word in RiskCategory.values if f"area_{word}" in said],
        attack_vectors=[word for word in AttackVector.values if f"vector_{word}" in said],
        degree=number(request, "degree"),
        note=text_of(request, "feedback"),
    )


def _ask(turn: Turn, user: User) -> None:
    """One response for a turn, once: a form that was sent twice has its run already."""
    if not turn.sampling_runs.exists():
        tasks.wake_after_commit({actions.request_one(turn=turn, by=user).variant_id})


def _begin_page(
    request: HttpRequest,
    campaign: Campaign,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    opted_out = care_of(person(request)).opted_out
    context = {
        **drafting.form(request, campaign, kept, error, told),
        "risk_categories": [(word, label) for word, label in RiskCategory.choices if word not in opted_out],
        "attack_vectors": AttackVector.choices,
        "reported": "reported" in request.GET and request.method == "GET",
    }
    return drafting.page(request, "attack.html", context)


def _dialogue_page(
    request: HttpRequest,
    mine: Dialogue,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    user = person(request)
    mine = _mine(mine.pk, user)
    turns = list(mine.turns.select_related("prompt", "chosen_response").order_by("index"))
    last, answered = turns[-1], [turn for turn in turns if turn.chosen_response]
    context = {
        **drafting.form(request, mine.campaign, kept, error, told),
        "dialogue": mine,
        "turns": _said(turns, kept),
        "last": last,
        "folded": care_of(user).veil,
        "is_over": mine.status == DialogueStatus.ENDED,
        "to_report": mine.status == DialogueStatus.ENDED and bool(answered) and not hasattr(mine, "report"),
        "can_continue": dialogues.can_continue(mine, last),
        "away": last.status == TurnStatus.SAMPLING and machines.are_away(last),
        "working": last.status == TurnStatus.SAMPLING and actions.is_being_sampled(last),
        "ahead": actions.turns_ahead(last) if last.status == TurnStatus.SAMPLING else 0,
        "waited": round((timezone.now() - last.created_at).total_seconds()),
        **_choices(last, kept),
    }
    return drafting.page(request, "attack_dialogue.html", context)


def _said(turns: list[Turn], kept: Kept) -> list[dict[str, Any]]:
    answers = [turn.chosen_response.text for turn in turns if turn.chosen_response]
    texts: dict[str, Text] = shown([*(turn.prompt.text for turn in turns), *answers])
    return [
        {
            "index": turn.index,
            "prompt": texts[turn.prompt.text],
            "answer": texts[turn.chosen_response.text] if turn.chosen_response else None,
            "violating": f"violating_{turn.index}" in kept.fields,
        }
        for turn in turns
    ]


def _choices(last: Turn, kept: Kept) -> dict[str, Any]:
    """What the report chooses among; at first it has the aim with which the dialogue began."""
    fields = kept.fields or {f"area_{last.prompt.risk_category}": "1", f"vector_{last.prompt.attack_vector}": "1"}
    return {
        "areas": [(f"area_{word}", label, f"area_{word}" in fields) for word, label in RiskCategory.choices],
        "vectors": [(f"vector_{word}", label, f"vector_{word}" in fields) for word, label in AttackVector.choices],
        "degrees": [(str(value), label, fields.get("degree") == str(value)) for value, label in RiskDegree.choices],
    }


def _campaign(slug: str) -> Campaign:
    return get_object_or_404(Campaign, slug=slug, kind=Kind.RED_TEAM)


def _mine(pk: int, user: User) -> Dialogue:
    own = Dialogue.objects.filter(campaign__kind=Kind.RED_TEAM).select_related("campaign", "report")
    return get_object_or_404(own, pk=pk, author=user)
