"""Write a prompt, wait for the pair, judge it, write the next turn."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import permissions, queue
from preferences.actions import dialogues, prompts
from preferences.choices import AttackVector, Category, RiskCategory, TurnStatus
from preferences.errors import DomainError
from preferences.models import Dialogue, Turn
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.requests import campaign_or_404, is_htmx, person
from workers import actions, tasks


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_can_judge(user, campaign)
    error = None
    if request.method == "POST":
        fields = {name: request.POST.get(name, "") for name in ("category", "risk_category", "attack_vector")}
        try:
            with transaction.atomic():
                turn = prompts.submit(campaign=campaign, text=request.POST.get("text", ""), by=user, **fields)
                ask_for_pair(turn, user)
        except DomainError as refused:
            error = refused
        else:
            return redirect("turn", turn.pk)
    context = {
        "campaign": campaign,
        "categories": Category.choices,
        "risk_categories": RiskCategory.choices,
        "attack_vectors": AttackVector.choices,
        "typed": request.POST,
        "error": error,
    }
    return render(request, "write.html", context, status=status_of(error) if error else 200)


def ask_for_pair(turn: Turn, user: User) -> None:
    runs = actions.request_pair(turn=turn, by=user)
    tasks.wake_after_commit({run.variant_id for run in runs})


@require_GET
@login_required
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """The waiting page; it asks `open_turn` every second."""
    return render(request, "turn.html", {"turn": _my_turn(pk, person(request))})


@require_POST
@login_required
def open_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Claims the author's own comparison once both responses are there; both appear at the same instant."""
    user = person(request)
    waiting = _my_turn(pk, user)
    if waiting.status == TurnStatus.READY:
        assignment = queue.claim_own(comparison=waiting.comparisons.get(), by=user)
        return _send_to(request, reverse("compare", args=[assignment.key]))
    return render(request, "turn.html", {"turn": waiting})


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    failed = _my_turn(pk, user)
    with transaction.atomic():
        actions.retry(turn=failed, by=user)
        tasks.wake_after_commit(set(failed.sampling_runs.values_list("variant", flat=True)))
    return redirect("turn", failed.pk)


@require_http_methods(["GET", "POST"])
@login_required
def dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    """The author's dialogue so far, and the form for its next turn. The history is the server's."""
    user = person(request)
    mine = get_object_or_404(Dialogue.objects.select_related("campaign"), pk=pk, author=user)
    error = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                following = dialogues.continue_with(dialogue=mine, text=request.POST.get("text", ""), by=user)
                ask_for_pair(following, user)
        except DomainError as refused:
            error = refused
        else:
            return redirect("turn", following.pk)
    turns = mine.turns.select_related("prompt", "chosen_response").order_by("index")
    context = {"dialogue": mine, "turns": turns, "typed": request.POST, "error": error}
    return render(request, "dialogue.html", context, status=status_of(error) if error else 200)


@require_POST
@login_required
def end_dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    mine = get_object_or_404(Dialogue, pk=pk, author=user)
    dialogues.end(dialogue=mine, by=user)
    return redirect("write", mine.campaign.slug)


def _my_turn(pk: int, user: User) -> Turn:
    turns = Turn.objects.select_related("dialogue__campaign", "prompt")
    return get_object_or_404(turns, pk=pk, dialogue__author=user)


def _send_to(request: HttpRequest, address: str) -> HttpResponse:
    if not is_htmx(request):
        return redirect(address)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response
