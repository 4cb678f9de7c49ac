"""The four tests of Llama 2's appendix A.5.4, in words of our own, as they are shipped."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from annotation import exam_files, qualification, written_answers
from annotation.models import Attempt, CampaignExam, Exam, PassMark, Question, QuestionKind
from annotation.written_answers import Score
from preferences.choices import AttemptStatus
from tests import factories
from webapp.accounts.models import User

FILES = sorted(exam_files.SHIPPED.glob("*.toml"))


def questions_of(slug: str) -> list[dict[str, Any]]:
    (exam,) = [exam for path in FILES if (exam := exam_files.read(path))["slug"] == slug]
    return [question for part in exam["parts"] for question in part["questions"]]


def test_there_are_four_with_the_numbers_of_the_paper() -> None:
    read = {exam["slug"]: exam for exam in map(exam_files.read, FILES)}
    assert list(read) == ["language", "judgment", "grading", "writing"]
    assert [part["minutes"] for part in read["language"]["parts"]] == [15, 20, 15]  # 50 in all
    assert [len(questions_of(slug)) for slug in ("judgment", "grading", "writing")] == [42, 31, 18]
    assert Counter(one["kind"] for one in questions_of("judgment"))[QuestionKind.WRITTEN] == 2
    assert {one["kind"] for one in questions_of("writing")} == {QuestionKind.WRITTEN}
    assert read["writing"]["parts"][0]["answers_wanted"] == 6
    marks = {
        slug: [(mark["parts"], mark["measure"], mark["bound"], mark["is_strict"]) for mark in exam["marks"]]
        for slug, exam in read.items()
    }
    assert marks == {
        "language": [([1], "share", "0.9", False), ([2, 3], "average", "4", False)],
        "judgment": [([1, 2], "share", "0.8", False), ([3], "average", "4", False)],
        "grading": [([1], "count", "26", True)],
        "writing": [([1], "average", "4", True)],
    }


@pytest.mark.parametrize("slug", ["language", "judgment", "grading", "writing"])
def test_no_question_is_asked_twice(slug: str) -> None:
    asked = Counter(one["text"] for one in questions_of(slug))
    assert [text for text, times in asked.items() if times > 1] == []


def test_always_choosing_the_same_place_passes_nothing() -> None:
    for slug in ("language", "judgment", "grading"):
        keys = [one for one in questions_of(slug) if one["kind"] in {QuestionKind.CHOICE, QuestionKind.PAIRWISE}]
        places = Counter([option["id"] for option in one["options"]].index(one["key"]["id"]) for one in keys)
        assert max(places.values()) <= Fraction(2, 3) * len(keys), (slug, places)


@pytest.mark.django_db
def test_seeding_twice_stores_them_once_and_requires_them() -> None:
    campaign = factories.campaign(slug="ours")
    said = StringIO()
    for _ in range(2):
        call_command("seed_exams", "--campaign", "ours", stdout=said)
    assert said.getvalue().count("stored.") == said.getvalue().count("there already.") == 4
    assert (Exam.objects.count(), Question.objects.count(), PassMark.objects.count()) == (4, 125, 6)
    assert CampaignExam.objects.filter(campaign=campaign).count() == 4


def form(question: Question) -> dict[str, str]:
    """What somebody sends who answers as the reference."""
    name, key = f"answer-{question.number}", question.key or {}
    if question.kind == QuestionKind.RANKING:
        return {f"{name}-{option}": str(rank) for rank, option in enumerate(key["order"], 1)}
    if question.kind == QuestionKind.PAIRWISE:
        return {name: f"{key['id']}-{key['degree']}"}
    return {name: "An answer of mine." if question.kind == QuestionKind.WRITTEN else key["id"]}


def sat(exam: Exam, by: User, *, missing: int = 0) -> Attempt:
    """Every part handed in as the reference has it, but for the last `missing` answers of each part."""
    attempt = qualification.start(exam=exam, by=by)
    for part in exam.parts.all():
        if attempt.status != AttemptStatus.STARTED:
            break
        questions = list(part.questions.all())
        fields: dict[str, str] = {}
        for question in questions[: len(questions) - missing]:
            fields |= form(question)
        attempt = qualification.hand_in(key=attempt.key, part=part.number, by=by, fields=fields)
        qualification.begin_part(key=attempt.key, by=by)
    return attempt


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["language", "judgment", "grading", "writing"])
def test_who_answers_as_the_reference_passes_and_who_leaves_a_fifth_out_does_not(slug: str) -> None:
    campaign = factories.campaign(slug="ours")
    call_command("seed_exams", "--campaign", "ours", stdout=StringIO())
    exam, reviewer = Exam.objects.get(slug=slug), factories.user(is_superuser=True)
    attempt = sat(exam, factories.annotator(campaign))
    scores = {answer.pk: Score(5) for answer in written_answers.written_of(attempt)}
    attempt = written_answers.score(attempt=attempt, scores=scores, by=reviewer)
    assert attempt.status == AttemptStatus.PASSED
    missing = {"writing": 13, "grading": 5}.get(slug, 7)
    assert sat(exam, factories.annotator(campaign), missing=missing).status == AttemptStatus.FAILED
