"""After the verdict, where the campaign asks: the chosen response, improved by its annotator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation import drafts, heartbeats, queue
from annotation.models import Assignment
from annotation.visibility import sight_of
from preferences.choices import Position
from preferences.errors import DomainError
from preferences.models import Judgment, Response
from webapp.errors import status_of
from webapp.pages import pairs
from webapp.pages.compare import go_on, judgment_of, mine
from webapp.pages.requests import draft_of, pasted, person, text_of


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """After the verdict, where the campaign asks: the chosen response, improved."""
    user = person(request)
    assignment = mine(key, user)
    judgment = judgment_of(assignment)
    if judgment is None or judgment.chosen not in Position.values:
        return redirect("compare", key)
    if request.method == "POST":
        try:
            if "unchanged" not in request.POST:
                queue.edit_chosen(key=key, by=user, text=text_of(request, "text"), pasted=pasted(request))
            drafts.drop(about=_chosen(assignment, judgment), by=user)
            return go_on(request, judgment, user, key, edited=True)
        except DomainError as error:
            version = drafts.keep(about=_chosen(assignment, judgment), fields=draft_of(request), by=user)
            return _edit_page(request, assignment, request.POST, error, version)
    chosen = _chosen(assignment, judgment)
    kept = drafts.find(about=chosen, by=user)
    text = (judgment.edited_response or chosen).text
    return _edit_page(request, assignment, kept.fields or {"text": text}, version=kept.version)


@require_POST
@login_required
def edit_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = person(request)
    assignment = mine(key, user)
    judgment = judgment_of(assignment)
    if judgment is None or judgment.chosen not in Position.values:
        raise Http404
    version = heartbeats.beat_edit(key=key, by=user, chosen=_chosen(assignment, judgment), draft=draft_of(request))
    return JsonResponse({"version": version})


def _chosen(assignment: Assignment, judgment: Judgment) -> Response:
    """The chosen response as the model wrote it; a draft of an edit is about it, and not about the other one."""
    return assignment.comparison.response_at(Position(judgment.chosen))


def _edit_page(
    request: HttpRequest,
    assignment: Assignment,
    typed: Mapping[str, Any],
    error: DomainError | None = None,
    version: str = "",
) -> HttpResponse:
    sight = sight_of(assignment)
    context = {
        **pairs.context(sight, typed),
        "key": assignment.key,
        "typed": typed,
        "error": error,
        "version": version,
    }
    return render(request, "edit.html", context, status=status_of(error) if error else 200)
