from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from annotation import exam_files, exam_rules, qualification
from annotation.models import Attempt, Exam, Sitting
from preferences.models import Campaign
from tests.factories.numbers import number
from tests.factories.people import UserFactory
from webapp.accounts.models import User

CHOICE = {"kind": "choice", "text": "Which is right?", "options": {"a": "This", "b": "That"}, "key": "b"}
WRITTEN = {"kind": "written", "text": "Write an answer."}


def choices(count: int) -> list[dict[str, Any]]:
    """Questions of which “b” is the right answer."""
    return [{**CHOICE, "text": f"Which is right, {place}?"} for place in range(1, count + 1)]


def part(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"title": "A part", "minutes": 10, "questions": list(questions) or choices(2), **fields}


def exam(*parts: dict[str, Any], marks: list[dict[str, Any]] | None = None, **fields: Any) -> Exam:
    """An exam of these parts, of one with two choices unless told; every part must be right in all its choices."""
    every = list(parts) or [part()]
    marks = marks or [{"parts": [place], "measure": "share", "at_least": 1} for place in range(1, len(every) + 1)]
    data = {
        "slug": f"exam-{number()}",
        "version": 1,
        "title": "An exam",
        "introduction": "What it is about.",
        "attempts": 2,
        "cool_down_hours": 24,
        "valid_days": 180,
        **fields,
        "parts": every,
        "marks": marks,
    }
    data = {name: value for name, value in data.items() if value is not None}
    guideline = data.pop("guideline", None)
    return exam_files.store(exam=exam_files.parse(data, where="made"), by=None, guideline=guideline)[0]


def required_exam(campaign: Campaign, *parts: dict[str, Any], **fields: Any) -> Exam:
    made = exam(*parts, **fields)
    exam_rules.require(campaign=campaign, exam=made, by=None)
    return made


def answers(**values: str) -> dict[str, str]:
    """A form of answers: `answers(_1="b", _2="a")`."""
    return {f"answer{name.replace('_', '-')}": value for name, value in values.items()}


def taken(exam: Exam, by: User, *, right: bool = True) -> Attempt:
    """An attempt at an exam of one part of two choices, handed in."""
    attempt = qualification.start(exam=exam, by=by)
    word = "b" if right else "a"
    return qualification.hand_in(key=attempt.key, part=1, by=by, fields=answers(_1=word, _2=word))


def time_over(attempt: Attempt) -> None:
    """The running part's time ended a second ago; nobody has looked since."""
    now = timezone.now()
    open_now = Sitting.objects.filter(attempt=attempt, handed_in_at__isnull=True)
    open_now.update(started_at=now - timedelta(hours=1), ends_at=now - timedelta(seconds=1))


class ExamFactory(DjangoModelFactory[Exam]):
    class Meta:
        model = Exam

    slug = factory.Sequence(lambda n: f"bare-{n}")
    version = 1
    title = "An exam"
    introduction = "What it is about."
    attempts = 30
    cool_down_hours = 0
    sha256 = "0" * 64


class AttemptFactory(DjangoModelFactory[Attempt]):
    """A bare row, written past the actions."""

    class Meta:
        model = Attempt

    exam = factory.SubFactory(ExamFactory)
    person = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: n % 30_000)
    started_at = factory.LazyFunction(timezone.now)
