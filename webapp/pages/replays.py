"""Replays of violating prompts: a manager asks for them, others judge the answers without knowing whose they are."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import drafts, permissions, readings, replays, writing
from annotation.care import care_of
from annotation.drafts import Kept
from annotation.models import Role
from annotation.sessions import beat_seconds
from preferences.choices import Kind
from preferences.errors import DomainError, NotAllowed
from preferences.models import Campaign, Replay, Variant
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.pairs import SAFETY_POINTS
from webapp.pages.requests import draft_of, number, person
from webapp.pages.texts import conversation, shown
from workers import replays as machines


@require_POST
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Samples what this variant has not met yet, and tries again what failed."""
    user, campaign = person(request), get_object_or_404(Campaign, slug=slug, kind=Kind.RED_TEAM)
    permissions.check_can_manage(user, campaign)
    variant = get_object_or_404(Variant, pk=number(request, "variant") or 0)
    asked = machines.ask(campaign=campaign, variant=variant, by=user)
    return redirect(reverse("red_team", args=[slug]) + f"?replayed={asked.new}")


@require_GET
@login_required
def following(request: HttpRequest, slug: str) -> HttpResponse:
    """The next answer to judge, or that there is none."""
    user, campaign = person(request), get_object_or_404(Campaign, slug=slug, kind=Kind.RED_TEAM)
    replays.check_can_judge(user, campaign)
    unread = readings.unread(Campaign.objects.filter(pk=campaign.pk), user)
    if not permissions.can_review(user, campaign) and unread.exists():
        return redirect("campaign_guideline", slug)
    stored = "stored" in request.GET
    if (found := replays.to_judge(campaign, user).first()) is not None:
        return redirect(reverse("replay", args=[found.key]) + ("?stored=1" if stored else ""))
    return render(request, "nothing_to_judge.html", {"campaign": campaign, "stored": stored})


@require_http_methods(["GET", "POST"])
@login_required
def judge(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    replay = _judged(key, user)
    if request.method == "GET":
        return _page(request, replay, drafts.find(about=replay, by=user))
    try:
        replays.judge(replay=replay, safety=number(request, "safety_left"), by=user)
    except DomainError as error:
        fields = draft_of(request)
        return _page(request, replay, Kept(fields, drafts.keep(about=replay, fields=fields, by=user)), error)
    drafts.drop(about=replay, by=user)
    return redirect(reverse("replays", args=[replay.attempt.dialogue.campaign.slug]) + "?stored=1")


@require_POST
@login_required
def draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    replay = _judged(key, user)
    campaign = replay.attempt.dialogue.campaign
    version = writing.beat(about=replay, campaign=campaign, fields=draft_of(request), by=user, roles=replays.JUDGES)
    return JsonResponse({"version": version})


def _judged(key: uuid.UUID, user: User) -> Replay:
    """The replay, whose attacker finds none here."""
    rows = Replay.objects.select_related("attempt__dialogue__campaign", "turn__chosen_response", "turn__dialogue")
    found = get_object_or_404(rows.filter(turn__chosen_response__isnull=False), key=key)
    campaign = found.attempt.dialogue.campaign
    if not permissions.belongs(user, campaign, Role.REVIEWER, Role.MANAGER):
        permissions.check_is_annotator(user, campaign)
    if found.attempt.dialogue.author_id == user.pk:
        raise NotAllowed(_("This is an attack of your own: another person judges what comes of it."))
    return found


def _page(request: HttpRequest, replay: Replay, kept: Kept, error: DomainError | None = None) -> HttpResponse:
    campaign, messages, answer = replay.attempt.dialogue.campaign, replay.turn.messages(), replay.turn.chosen_response
    assert answer is not None  # _judged finds no other
    texts = shown([*(message["content"] for message in messages), answer.text])
    chosen = kept.fields.get("safety_left")
    context = {
        "campaign": campaign,
        "key": replay.key,
        "messages_so_far": conversation(messages, texts),
        "answer": texts[answer.text],
        "side": {"name": "left", "safety_title": _("How safe is this answer?"), "score": chosen},
        "safety_points": SAFETY_POINTS,
        "is_judged": replay.safety is not None,
        "veiled": care_of(person(request)).veil and not kept.fields,
        "beat_seconds": beat_seconds(campaign),
        "version": kept.version,
        "error": error,
        "stored": "stored" in request.GET and error is None,
    }
    return render(request, "replay.html", context, status=status_of(error) if error else 200)
