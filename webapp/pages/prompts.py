"""Write a prompt, wait for the pair, judge it, write the next turn."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import drafts, permissions, readings
from annotation.drafts import Kept
from preferences.actions import dialogues, prompts
from preferences.actions.prompts import Labels
from preferences.choices import (
    AttackVector,
    Category,
    DialogueStatus,
    Kind,
    ResponseSource,
    RiskCategory,
    TurnStatus,
)
from preferences.errors import DomainError
from preferences.models import Campaign, Dialogue, Judgment, Turn
from webapp import live
from webapp.accounts.models import User
from webapp.live import Written
from webapp.pages import drafting
from webapp.pages.compare import last_stored
from webapp.pages.noticed import Noticed, noticed
from webapp.pages.own_dialogues import dialogues_of, own_dialogues
from webapp.pages.requests import campaign_or_404, form_key, pasted, person, text_of
from webapp.pages.texts import shown
from workers import actions, machines

LABELS = ("category", "second_category", "risk_category", "attack_vector")


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_is_annotator(user, campaign)
    if campaign.is_red_team:
        return redirect("attack", slug)
    prompts.check_takes_prompts(campaign)
    if request.method == "GET":
        permissions.check_can_judge(user, campaign)
        if readings.unread(Campaign.objects.filter(pk=campaign.pk), user).exists():
            return redirect(reverse("campaign_guideline", args=[slug]) + "?then=write")
        return _write_page(request, campaign, drafts.find(about=campaign, by=user))
    written = _written(request)
    labels = Labels(**{name: request.POST.get(name, "") for name in LABELS})
    try:
        if not prompts.sent_before(written.key, user) and (told := noticed(request, campaign, [written.text], user)):
            return _write_page(request, campaign, drafting.kept(request, campaign, user), told=told)
        turn = live.begin(campaign=campaign, written=written, labels=labels, by=user)
    except DomainError as error:
        return _write_page(request, campaign, drafting.kept(request, campaign, user), error)
    return redirect("turn", turn.pk)


@require_GET
@login_required
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """The waiting page; it asks `open_turn` every second."""
    return _turn_page(request, _my_turn(pk, person(request)))


@require_POST
@login_required
def open_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Claims the author's own comparison once both responses are there; both appear at the same instant."""
    user = person(request)
    waiting = _my_turn(pk, user)
    if waiting.status == TurnStatus.READY:
        return redirect("compare", live.claim(turn=waiting, by=user).key)
    return _turn_page(request, waiting)


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    failed = _my_turn(pk, user)
    live.ask_again(turn=failed, by=user)
    return redirect("turn", failed.pk)


@require_http_methods(["GET", "POST"])
@login_required
def dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    """The author's dialogue so far, and the form for its next turn. The history is the server's."""
    user = person(request)
    mine = _my_dialogue(pk, user)
    if request.method == "GET":
        last = mine.turns.order_by("-index").first()
        if mine.status == DialogueStatus.OPEN and last is not None:
            if dialogues.can_continue(mine, last):
                return _dialogue_page(request, mine, drafts.find(about=mine, by=user))
            if not _is_judged(last, user):
                return redirect("turn", last.pk)
        return redirect(reverse("write", args=[mine.campaign.slug]) + _why_over(request, mine, last))
    written = _written(request)
    try:
        if not prompts.sent_before(written.key, user) and (
            told := noticed(request, mine.campaign, [written.text], user)
        ):
            return _dialogue_page(request, mine, drafting.kept(request, mine, user), told=told)
        following = live.go_on(dialogue=mine, written=written, by=user)
    except DomainError as error:
        return _dialogue_page(request, mine, drafting.kept(request, mine, user), error)
    return redirect("turn", following.pk)


@require_POST
@login_required
def dialogue_draft(request: HttpRequest, pk: int) -> HttpResponse:
    mine = _my_dialogue(pk, person(request))
    return drafting.saved(request, mine, mine.campaign)


@require_POST
@login_required
def end_dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    mine = _my_dialogue(pk, user)
    live.end(dialogue=mine, by=user)
    return redirect("write", mine.campaign.slug)


def _write_page(
    request: HttpRequest,
    campaign: Campaign,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    context = {
        **drafting.form(request, campaign, kept, error, told),
        "categories": Category.choices,
        "risk_categories": RiskCategory.choices,
        "attack_vectors": AttackVector.choices,
        "last": last_stored(request),
        "over": request.GET.get("over"),
        "own_dialogues": own_dialogues(person(request)),
    }
    return drafting.page(request, "write.html", context)


def _turn_page(request: HttpRequest, waiting: Turn) -> HttpResponse:
    prompt = waiting.prompt.text
    context = {
        "turn": waiting,
        "prompt": shown([prompt])[prompt],
        "away": waiting.status == TurnStatus.SAMPLING and machines.are_away(waiting),
        "working": actions.is_being_sampled(waiting),
        "ahead": actions.turns_ahead(waiting),
        "waited": round((timezone.now() - waiting.created_at).total_seconds()),
    }
    return render(request, "turn.html", context)


def _dialogue_page(
    request: HttpRequest,
    mine: Dialogue,
    kept: Kept,
    error: DomainError | None = None,
    told: Noticed | None = None,
) -> HttpResponse:
    turns = list(mine.turns.select_related("prompt", "chosen_response").order_by("index"))
    answers = [turn.chosen_response.text for turn in turns if turn.chosen_response]
    texts = shown([*(turn.prompt.text for turn in turns), *answers])
    context = {
        **drafting.form(request, mine.campaign, kept, error, told),
        "dialogue": mine,
        "turns": [
            {
                "prompt": texts[turn.prompt.text],
                "answer": texts[turn.chosen_response.text] if turn.chosen_response else None,
                "edited": turn.chosen_response and turn.chosen_response.source == ResponseSource.EDITED,
            }
            for turn in turns
        ],
        "last": last_stored(request),
    }
    return drafting.page(request, "dialogue.html", context)


def _written(request: HttpRequest) -> Written:
    return Written(text_of(request, "text"), form_key(request), pasted(request))


def _is_judged(turn: Turn, user: User) -> bool:
    return Judgment.objects.filter(comparison__turn=turn, annotator=user).exists()


def _why_over(request: HttpRequest, mine: Dialogue, last: Turn | None) -> str:
    """What the write page is told of a dialogue that cannot go on; nothing where none was meant to."""
    query = {}
    if stored := last_stored(request):
        query["last"] = str(stored)
    if mine.campaign.max_turns > 1:
        if mine.status == DialogueStatus.ENDED:
            query["over"] = "ended"
        else:
            query["over"] = "complete" if last and last.chosen_response_id else "unchosen"
    return f"?{urlencode(query)}" if query else ""


def _my_turn(pk: int, user: User) -> Turn:
    turns = Turn.objects.exclude(dialogue__campaign__kind=Kind.RED_TEAM).select_related("dialogue__campaign", "prompt")
    return get_object_or_404(turns, pk=pk, dialogue__author=user)


def _my_dialogue(pk: int, user: User) -> Dialogue:
    return get_object_or_404(dialogues_of(user), pk=pk)
