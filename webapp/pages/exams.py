"""Exams as their person meets them: what it is, each part, the rest between two, the result."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import exam_values, qualification, standing
from annotation.models import Attempt, Exam, Sitting
from annotation.qualification import TimeOver
from preferences.choices import AttemptStatus
from preferences.errors import Conflict, DomainError, NotAllowed
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import exam_questions, exam_results, exam_words
from webapp.pages.requests import draft_of, person
from webapp.pages.texts import shown


@require_http_methods(["GET", "POST"])
@login_required
def exam(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """What the exam is and how one stands with it; POST starts it."""
    user = person(request)
    found = get_object_or_404(Exam.objects.select_related("guideline__campaign"), slug=slug, version=version)
    mine = standing.standing_of(found, user)
    if not mine.attempts and not standing.is_asked(found, user):
        raise Http404
    error = None
    if request.method == "POST":
        try:
            return redirect("attempt", qualification.start(exam=found, by=user).key)
        except DomainError as refused:
            error = refused
    context = {
        "exam": found,
        "introduction": shown([found.introduction])[found.introduction],
        "parts": found.parts.prefetch_related("questions"),
        "marks": [exam_words.asks(mark) for mark in found.marks.all()],
        "standing": mine,
        "may_start": _may_start(found, user),
        "error": error,
    }
    return render(request, "exam.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def attempt(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _show(request, _looked(key, person(request)))


@require_POST
@login_required
def begin(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return redirect("attempt", qualification.begin_part(key=key, by=person(request)).key)


@require_POST
@login_required
def hand_in(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    user, fields, version = person(request), draft_of(request), request.POST.get("version", "")
    try:
        if "anyway" not in request.POST and (gaps := _left_open(key, number, user, fields, version)):
            return _show(request, _looked(key, user), gaps=gaps, fields=fields)
        qualification.hand_in(key=key, part=number, by=user, fields=fields, version=version)
    except TimeOver as late:
        return _show(request, _looked(key, user), error=late)
    except NotAllowed:
        raise
    except DomainError as error:
        return _show(request, _looked(key, user), error=error, fields=fields)
    return redirect("attempt", key)


@require_POST
@login_required
def part_draft(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """Answers as they are given; a late one is kept and told of."""
    fields, version = draft_of(request), request.POST.get("version", "")
    try:
        sitting = qualification.save(key=key, part=number, by=person(request), fields=fields, version=version)
    except DomainError as error:
        return JsonResponse({"message": str(error)}, status=status_of(error))
    return JsonResponse({"version": str(sitting.version)})


def _looked(key: uuid.UUID, user: User) -> Attempt:
    try:
        return qualification.look(key=key, by=user)
    except NotAllowed:
        raise Http404 from None


def _may_start(exam: Exam, user: User) -> bool:
    try:
        standing.check_may_start(exam, user)
    except DomainError:
        return False
    return True


def _left_open(key: uuid.UUID, number: int, user: User, fields: Mapping[str, str], version: str) -> list[int]:
    """The numbers of the questions that a part is handed in without, all of which were wanted; they are saved first."""
    sitting = qualification.save(key=key, part=number, by=user, fields=fields, version=version)
    answers = {answer.question_id: answer.value for answer in sitting.answers.all()}
    questions = list(sitting.part.questions.all())
    gaps = [one.number for one in questions if not exam_values.is_whole(one, answers.get(one.pk))]
    wanted = sitting.part.answers_wanted
    return gaps if wanted is None or len(questions) - len(gaps) < wanted else []


def _show(
    request: HttpRequest,
    found: Attempt,
    *,
    error: DomainError | None = None,
    gaps: list[int] | None = None,
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The attempt as it stands: the part that runs, the rest before the next one, or the result."""
    context: dict[str, Any] = {"attempt": found, "exam": found.exam, "error": error, "gaps": gaps}
    sitting = qualification.sitting_of(found)
    if sitting is not None:
        context |= _part(sitting, fields)
        template = "exam_part.html"
    elif found.status == AttemptStatus.STARTED:
        following = qualification.next_part(found)
        context |= {
            "part": following,
            "until": found.started_at + qualification.BREAK,
            "marks": exam_results.marks(found),
        }
        template = "exam_rest.html"
    else:
        context |= _result(found)
        template = "exam_result.html"
    status = status_of(error) if error else status_of(Conflict("")) if gaps else 200
    return render(request, template, context, status=status)


def _part(sitting: Sitting, fields: Mapping[str, str] | None) -> dict[str, Any]:
    questions = list(sitting.part.questions.all())
    stored = exam_questions.fields_of(sitting.answers.select_related("question"))
    introduction = sitting.part.introduction
    left = (sitting.ends_at - timezone.now()).total_seconds()
    return {
        "sitting": sitting,
        "part": sitting.part,
        "parts": sitting.attempt.exam.parts.count(),
        "introduction": shown([introduction])[introduction] if introduction else None,
        "questions": exam_questions.asked(questions, {**stored, **(fields or {})}),
        "seconds_left": max(0, int(left)),
    }


def _result(found: Attempt) -> dict[str, Any]:
    return {
        **exam_results.shown_of(found),
        "standing": standing.standing_of(found.exam, found.person),
        "may_start": _may_start(found.exam, found.person),
    }
