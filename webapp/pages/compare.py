"""The compare page: one conversation, two responses, one verdict; stored, changed, given back, taken up again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotation import caps, drafts, heartbeats, mixing, permissions, queue
from annotation.leases import LeaseLost
from annotation.models import Assignment, Role
from annotation.queue import GuidelineUnread
from annotation.visibility import sight_of, with_sight
from preferences.actions import flags
from preferences.choices import AssignmentStatus, ComparisonStatus
from preferences.errors import DomainError, InvalidInput
from preferences.models import Judgment
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import pairs
from webapp.pages.requests import answer, draft_of, is_htmx, number, person, text_of

NOTHING: Mapping[str, Any] = MappingProxyType({})


@require_http_methods(["GET", "POST"])
@login_required
def compare(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    if request.method == "GET":
        return _show(request, mine(key, user))
    revision = number(request, "revision")
    try:
        if revision is not None:
            judgment = queue.revise(key=key, by=user, answer=answer(request), revision=revision)
            return go_on(request, judgment, user, key)
        done = queue.submit_and_claim(key=key, by=user, answer=answer(request))
    except LeaseLost as lost:
        return _taken_up_again(request, mine(key, user), user, lost)
    except DomainError as error:
        return _refused(request, mine(key, user), error)
    if done.is_live or queue.asks_edit(done.judgment):
        return go_on(request, done.judgment, user, key)
    return next_item(request, done.following, done.judgment.comparison.campaign.slug, key)


@require_POST
@login_required
def skip(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    assignment = mine(key, user)
    try:
        queue.skip(key=key, by=user, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""))
    except LeaseLost as lost:
        return _over(request, assignment, error=lost)
    except InvalidInput as error:
        return _refused_beside(request, assignment, error)
    campaign = assignment.comparison.campaign
    return next_item(request, queue.following(campaign, user), campaign.slug, None)


@require_POST
@login_required
def flag(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Asks a reviewer to look; the answer is a note for the window in which it was asked."""
    user = person(request)
    assignment, error = mine(key, user), None
    reason, note = request.POST.get("reason", ""), text_of(request, "note")
    try:
        flags.raise_flag(comparison=assignment.comparison, by=user, reason=reason, note=note)
    except DomainError as refused:
        error = refused
    if error is not None:
        return _refused_beside(request, assignment, error)
    return render(request, "beside.html", {"flagged": True}) if is_htmx(request) else redirect("compare", key)


@require_POST
@login_required
def heartbeat(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keeps the lease and the draft; says for how long, or that the lease is lost (the draft is kept all the same)."""
    try:
        beat = heartbeats.beat(key=key, by=person(request), draft=draft_of(request))
    except LeaseLost as lost:
        return JsonResponse({"message": str(lost), "version": lost.version}, status=409)
    said: dict[str, Any] = {"version": beat.version}
    if beat.assignment.status == AssignmentStatus.ACTIVE:  # a stored verdict that is being changed has no lease
        said["seconds"] = round((beat.assignment.leased_until - timezone.now()).total_seconds())
    return JsonResponse(said)


@require_POST
@login_required
def reclaim(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Takes the pair up again, with what the form held where it was asked for on the pair's own page."""
    user = person(request)
    if request.POST.keys() & drafts.FIELDS:
        drafts.keep(about=mine(key, user).comparison, fields=request.POST.dict(), by=user)
    try:
        found = queue.reclaim(key=key, by=user)
    except (LeaseLost, caps.ShareReached) as refused:
        return _over(request, mine(key, user), error=refused)
    return redirect("compare", found.key)


def mine(key: uuid.UUID, user: User) -> Assignment:
    """The person's assignment with all that its pages show, in one query."""
    assignment = with_sight(Assignment.objects.filter(key=key, annotator=user), user).first()
    if assignment is None:
        raise Http404
    return assignment


def last_stored(request: HttpRequest) -> uuid.UUID | None:
    """The comparison stored just before, which the page offers to undo."""
    try:
        return uuid.UUID(request.GET.get("last", ""))
    except ValueError:
        return None


def next_item(request: HttpRequest, following: Assignment | None, slug: str, last: uuid.UUID | None) -> HttpResponse:
    """The next pair in this very answer where htmx asked, so that it takes one request and not two."""
    query = f"?last={last}" if last else ""
    if following is None:
        return redirect(reverse("done", args=[slug]) + query)
    address = reverse("compare", args=[following.key]) + query
    if not is_htmx(request) or not hasattr(following, "seen"):
        return redirect(address)
    response = _page(request, following, sight_of(following).draft, last=last)
    response["HX-Push-Url"] = address
    return response


def _show(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    judgment = judgment_of(assignment)
    if judgment is not None and not mixing.is_sealed(judgment, assignment.comparison):
        draft = sight_of(assignment).draft
        typed = draft if draft.get("revision") == str(judgment.revision) else pairs.as_typed(judgment, assignment)
        return _page(request, assignment, typed, revision=judgment.revision)
    if assignment.status != AssignmentStatus.ACTIVE:
        return _over(request, assignment)
    return _page(request, assignment, sight_of(assignment).draft, last=last_stored(request))


def _page(
    request: HttpRequest,
    assignment: Assignment,
    typed: Mapping[str, Any],
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    sight = sight_of(assignment)
    context = {
        **pairs.context(sight, typed),
        "error": error,
        "guideline_open": isinstance(error, GuidelineUnread),
        "veiled": sight.veil and not typed,  # who has chosen something has seen the texts
        "version": sight.draft_version,
        **more,
    }
    return render(request, "compare.html", context, status=status_of(error) if error else 200)


def _refused(request: HttpRequest, assignment: Assignment, error: DomainError) -> HttpResponse:
    """The page as it was sent, with the sentence in its place."""
    judgment = judgment_of(assignment)
    if judgment is not None and mixing.is_sealed(judgment, assignment.comparison):
        return _over(request, assignment, error=error)
    revision = judgment.revision if judgment else None
    fields = draft_of(request) if revision is None else {**draft_of(request), "revision": str(revision)}
    version = drafts.keep(about=assignment.comparison, fields=fields, by=assignment.annotator)
    return _page(request, assignment, request.POST, error, revision=revision, version=version)


def _refused_beside(request: HttpRequest, assignment: Assignment, error: DomainError) -> HttpResponse:
    """A window beside the pair was refused: the sentence stands there, and what was chosen of the pair stays."""
    if not is_htmx(request):
        return _page(request, assignment, sight_of(assignment).draft, error)
    response = render(request, "beside.html", {"error": error}, status=status_of(error))
    response["HX-Retarget"], response["HX-Reswap"] = "dialog[open] [data-answer]", "innerHTML"
    response["HX-Reselect"] = "#beside"
    return response


def _taken_up_again(request: HttpRequest, assignment: Assignment, user: User, lost: LeaseLost) -> HttpResponse:
    """A late answer: kept as a draft, and the pair is taken up again where nobody else has it."""
    drafts.keep(about=assignment.comparison, fields=draft_of(request), by=user)
    try:
        found = queue.reclaim(key=assignment.key, by=user)
    except DomainError as refused:
        return _over(request, assignment, error=refused)
    sentence = _(
        "The time for this comparison had run out, so that your answer is not stored yet. "
        "Nobody else had taken it and it is yours again: look it over, then send it once more."
    )
    response = _page(request, mine(found.key, user), request.POST, LeaseLost(sentence))
    response["HX-Push-Url"] = reverse("compare", args=[found.key])
    return response


def _over(request: HttpRequest, assignment: Assignment, *, error: DomainError | None = None) -> HttpResponse:
    judgment, comparison = judgment_of(assignment), assignment.comparison
    context = {
        "key": assignment.key,
        "campaign": comparison.campaign,
        "sealed": mixing.is_sealed(judgment, comparison) if judgment else comparison.status == ComparisonStatus.SEALED,
        "skipped": assignment.status == AssignmentStatus.RELEASED,
        "typed": request.POST or sight_of(assignment).draft,
        "error": error,
        "paused": permissions.paused_sentence(assignment.annotator, assignment.comparison.campaign, Role.ANNOTATOR),
    }
    return render(request, "over.html", context, status=status_of(error) if error else 200)


def judgment_of(assignment: Assignment) -> Judgment | None:
    """The person's judgment on the comparison, where they gave one."""
    if assignment.judgment_id is None:
        return None
    return Judgment.objects.select_related("edited_response").get(pk=assignment.judgment_id)


def go_on(
    request: HttpRequest, judgment: Judgment, user: User, key: uuid.UUID, *, edited: bool = False
) -> HttpResponse:
    """After a verdict: the edit where it is asked for, the author's next turn, or the next item."""
    comparison = mine(key, user).comparison
    campaign = comparison.campaign
    judgment.comparison = comparison
    if queue.asks_edit(judgment) and not edited:
        return redirect(reverse("edit", args=[key]))
    dialogue = comparison.turn.dialogue
    if dialogue.author_id == user.pk:
        return redirect(reverse("dialogue", args=[dialogue.pk]) + f"?last={key}")
    return next_item(request, queue.following(campaign, user), campaign.slug, key)
