"""What the database refuses of exams, whoever writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from annotation.models import (
    Attempt,
    AttemptGrant,
    CampaignExam,
    Exam,
    ExamAnswer,
    ExamPart,
    PassMark,
    Question,
    Sitting,
)
from preferences.choices import AttemptStatus
from tests import factories
from tests.factories.exams import AttemptFactory, ExamFactory
from tests.factories.people import UserFactory
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db


def a_part(exam: Exam | None = None, **fields: Any) -> ExamPart:
    return ExamPart.objects.create(exam=exam or ExamFactory(), title="A", **{"number": 1, "minutes": 5, **fields})


def a_question(part: ExamPart, **fields: Any) -> Question:
    return Question.objects.create(part=part, text="?", **{"number": 1, "kind": "choice", "key": {"id": "a"}, **fields})


def a_mark(exam: Exam, **fields: Any) -> PassMark:
    return PassMark.objects.create(
        exam=exam, **{"number": 1, "parts": [1], "measure": "share", "bound": "0.9", **fields}
    )


def a_sitting(attempt: Attempt | None = None, part: ExamPart | None = None, **fields: Any) -> Sitting:
    attempt = attempt or AttemptFactory()
    now = timezone.now()
    times = {"started_at": now, "ends_at": now + timedelta(minutes=5)}
    return Sitting.objects.create(
        **{"attempt": attempt, "exam": attempt.exam, "part": part or a_part(attempt.exam), **times, **fields}
    )


def an_answer(sitting: Sitting | None = None, question: Question | None = None, **fields: Any) -> ExamAnswer:
    sitting = sitting or a_sitting()
    question = question or a_question(sitting.part)
    return ExamAnswer.objects.create(**{"sitting": sitting, "part": sitting.part, "question": question, **fields})


def test_a_version_of_an_exam_is_there_once() -> None:
    exam = ExamFactory()
    with refused("exam_version_once"):
        ExamFactory(slug=exam.slug)
    assert ExamFactory(slug=exam.slug, version=2).pk


@pytest.mark.parametrize("numbers", [{"version": 0}, {"attempts": 0}, {"valid_days": 0}], ids=str)
def test_the_numbers_of_an_exam_are_positive(numbers: dict[str, int]) -> None:
    with refused("exam_numbers_positive"):
        ExamFactory(**numbers)


def test_parts_have_numbers_of_their_own_and_positive_times() -> None:
    part = a_part()
    with refused("exam_part_number_once"):
        a_part(part.exam)
    for wrong in ({"minutes": 0}, {"answers_wanted": 0}):
        with refused("exam_part_numbers_positive"):
            a_part(**wrong)


def test_a_mark_has_its_number_once() -> None:
    mark = a_mark(ExamFactory())
    with refused("pass_mark_number_once"):
        a_mark(mark.exam)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"measure": "luck"}, "pass_mark_bound"),
        ({"bound": "1.1"}, "pass_mark_bound"),
        ({"measure": "average", "bound": "5.5"}, "pass_mark_bound"),
        ({"measure": "count", "bound": "-1"}, "pass_mark_bound"),
        ({"parts": []}, "pass_mark_has_parts"),
    ],
    ids=str,
)
def test_a_mark_measures_something_that_can_be_reached(wrong: dict[str, Any], constraint: str) -> None:
    exam = ExamFactory()
    with refused(constraint):
        a_mark(exam, **wrong)


def test_a_question_has_its_number_once_one_of_our_kinds_and_a_key_unless_written() -> None:
    part = a_part()
    a_question(part)
    with refused("question_number_once"):
        a_question(part)
    with refused("question_kind"):
        a_question(part, number=2, kind="riddle")
    for wrong in ({"kind": "written"}, {"key": None}):
        with refused("question_has_key_unless_written"):
            a_question(part, number=2, **wrong)


def test_a_campaign_requires_an_exam_once() -> None:
    campaign, exam = factories.campaign(), ExamFactory()
    with refused("campaign_exam_least_version"):
        CampaignExam.objects.create(campaign=campaign, exam=exam, least_version=0)
    CampaignExam.objects.create(campaign=campaign, exam=exam, least_version=1)
    with refused("campaign_exam_once"):
        CampaignExam.objects.create(campaign=campaign, exam=exam, least_version=1)


def test_a_person_has_one_attempt_running_and_each_number_once() -> None:
    first = AttemptFactory(number=1)
    same = {"exam": first.exam, "person": first.person}
    for status in (AttemptStatus.STARTED, AttemptStatus.AWAITING_SCORE):
        with refused("attempt_alone"):
            AttemptFactory(**same, number=2, status=status)
    with refused("attempt_number_once"):
        AttemptFactory(**same, number=1, status="failed", finished_at=timezone.now())
    assert AttemptFactory(exam=first.exam, number=1).pk


def test_attempts_end_with_the_cap_that_grants_raise_and_passes_do_not_reach() -> None:
    exam, ann, now = ExamFactory(attempts=1), UserFactory(), timezone.now()
    AttemptFactory(exam=exam, person=ann, number=1, status="passed", finished_at=now)
    AttemptFactory(exam=exam, person=ann, number=2, status="failed", finished_at=now)
    with refused("attempts_cap: 1 of 1 attempts are used"):
        AttemptFactory(exam=exam, person=ann, number=3)
    AttemptGrant.objects.create(exam=exam, person=UserFactory())
    with refused("attempts_cap"):
        AttemptFactory(exam=exam, person=ann, number=3)
    AttemptGrant.objects.create(exam=exam, person=ann)
    assert AttemptFactory(exam=exam, person=ann, number=3).pk


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost"}, "attempt_finished_when_closed"),
        ({"status": "passed"}, "attempt_finished_when_closed"),
        ({"finished_at": datetime(2026, 11, 26, tzinfo=UTC)}, "attempt_finished_when_closed"),
        ({"valid_until": datetime(2026, 11, 26, tzinfo=UTC)}, "attempt_valid_when_passed"),
    ],
    ids=str,
)
def test_an_attempt_is_finished_when_it_is_closed(fields: dict[str, Any], constraint: str) -> None:
    exam, ann = ExamFactory(), UserFactory()
    with refused(constraint):
        AttemptFactory(exam=exam, person=ann, **fields)


def test_a_part_is_sat_once_and_one_at_a_time() -> None:
    sitting = a_sitting()
    with refused("sitting_one_at_a_time"):
        a_sitting(sitting.attempt, a_part(sitting.exam, number=2))
    Sitting.objects.filter(pk=sitting.pk).update(handed_in_at=sitting.started_at)
    with refused("sitting_once"):
        a_sitting(sitting.attempt, sitting.part)
    assert a_sitting(sitting.attempt, a_part(sitting.exam, number=3)).pk


@pytest.mark.parametrize(("column", "seconds"), [("ends_at", 0), ("handed_in_at", 301)])
def test_a_part_is_handed_in_within_its_time(column: str, seconds: int) -> None:
    sitting = a_sitting()
    with refused("sitting_within_its_time"):
        moment = sitting.started_at + timedelta(seconds=seconds)
        Sitting.objects.filter(pk=sitting.pk).update(**{column: moment})


def test_an_answer_is_there_once_and_its_score_is_whole() -> None:
    answer, rita = an_answer(), UserFactory()
    with refused("exam_answer_once"):
        an_answer(answer.sitting, answer.question)
    for wrong in (
        {"score": 3},
        {"scored_by": rita},
        {"remark": "Well."},
        {"score": 0, "scored_by": rita},
        {"score": 6, "scored_by": rita},
    ):
        with refused("exam_answer_score"):
            ExamAnswer.objects.filter(pk=answer.pk).update(**wrong)
    assert ExamAnswer.objects.filter(pk=answer.pk).update(score=5, scored_by=rita, remark="Well.") == 1


def test_nobody_scores_their_own_answer() -> None:
    answer = an_answer()
    with refused("not_ones_own"):
        ExamAnswer.objects.filter(pk=answer.pk).update(score=5, scored_by=answer.sitting.attempt.person)


def refused_by(key: str, **fields: Any) -> None:
    make = a_sitting if key.startswith("sitting") else an_answer
    with pytest.raises(IntegrityError, match=key), transaction.atomic():
        make(**fields)
        connection.check_constraints()


def test_what_is_answered_belongs_to_the_exam_and_the_part_that_are_sat() -> None:
    attempt, sitting, foreign = AttemptFactory(), a_sitting(), a_part()
    refused_by("sitting_part_of_exam", attempt=attempt, part=foreign)
    refused_by("sitting_attempt_of_exam", attempt=attempt, part=foreign, exam=foreign.exam)
    refused_by("exam_answer_question_of_part", sitting=sitting, question=a_question(foreign))
    question = a_question(a_part(sitting.exam, number=2))
    refused_by("exam_answer_sitting_of_part", sitting=sitting, question=question, part=question.part)


@pytest.mark.parametrize("model", [Exam, ExamPart, PassMark, Question, AttemptGrant])
def test_what_an_exam_says_and_what_was_granted_never_changes(model: Any) -> None:
    exam = factories.exam()
    AttemptGrant.objects.create(exam=exam, person=UserFactory())
    row = model.objects.first()
    with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(id=row.pk)
    with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
        model.objects.filter(pk=row.pk)._raw_delete("default")
