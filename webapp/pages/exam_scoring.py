"""Written answers for reviewers: what waits, and one attempt's answers, whose author no page names."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation import permissions, written_answers
from annotation.models import ExamAnswer
from annotation.scoring import MOST_POINTS
from annotation.written_answers import Score
from preferences.errors import DomainError
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.requests import number, person, text_of
from webapp.pages.texts import Text, shown


@require_GET
@login_required
def exam_waiting(request: HttpRequest) -> HttpResponse:
    user = _scorer(request)
    context = {"attempts": written_answers.waiting(user), "is_manager": permissions.is_manager(user)}
    return render(request, "exam_waiting.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def exam_scoring(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user = _scorer(request)
    is_sent = request.method == "POST"
    # Where another reviewer gave the last score meanwhile, this one is told so and finds what they wrote.
    theirs = written_answers.of_others(user).select_related("exam") if is_sent else written_answers.waiting(user)
    attempt = get_object_or_404(theirs, key=key)
    answers = list(written_answers.written_of(attempt))
    error = None
    if is_sent:
        scores = {one.pk: _score(request, one) for one in answers}
        try:
            written_answers.score(attempt=attempt, scores=scores, by=user)
            return redirect("exam_waiting")
        except DomainError as refused:
            error = refused
            answers = list(written_answers.written_of(attempt))
    known = shown([text for one in answers for text in (one.question.text, str(one.value))])
    context = {
        "exam": attempt.exam,
        "answers": [_shown(request, one, place, known) for place, one in enumerate(answers, 1)],
        "points": range(1, MOST_POINTS + 1),
        "error": error,
    }
    return render(request, "exam_scoring.html", context, status=status_of(error) if error else 200)


def _score(request: HttpRequest, one: ExamAnswer) -> Score:
    return Score(number(request, f"score-{one.pk}"), text_of(request, f"remark-{one.pk}"))


def _shown(request: HttpRequest, one: ExamAnswer, place: int, known: Mapping[str, Text]) -> dict[str, Any]:
    typed = text_of(request, f"remark-{one.pk}")
    return {
        "pk": one.pk,
        "place": place,
        "question": known[one.question.text],
        "text": known[str(one.value)],
        "score": request.POST.get(f"score-{one.pk}") if one.score is None else one.score,
        "remark": one.remark if one.score is not None else typed,
        "is_scored": one.score is not None,
        "typed": typed if typed != one.remark else "",
    }


def _scorer(request: HttpRequest) -> User:
    user = person(request)
    written_answers.check_is_scorer(user)
    return user
