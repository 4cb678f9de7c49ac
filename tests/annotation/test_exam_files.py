"""An exam's file is read strictly: what is wrong is said with its place, and nothing is stored."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotation import exam_files
from annotation.exam_questions import ExamFileError
from annotation.models import CampaignExam, Exam, Question
from preferences.models import Event
from tests import factories
from tests.factories.exams import CHOICE, WRITTEN

RANKING = {
    "kind": "ranking",
    "text": "Order them.",
    "options": {"a": "One", "b": "Two", "c": "Three"},
    "key": ["b", "a", "c"],
    "by": "pairs",
}
PAIRWISE = {
    "kind": "pairwise",
    "text": "Which is better?",
    "options": {"a": "One", "b": "Two"},
    "key": "a",
    "degree": "better",
    "tolerance": 1,
}
LIKERT = {"kind": "likert", "text": "How good?", "options": ["Bad", "Poor", "Fair", "Good", "Best"], "key": 4}
GOOD: dict[str, Any] = {
    "slug": "made",
    "version": 1,
    "title": "Made",
    "introduction": "Made for a test.",
    "attempts": 2,
    "cool_down_hours": 0,
    "parts": [{"title": "One", "minutes": 5, "questions": [CHOICE, RANKING, PAIRWISE, LIKERT]}],
    "marks": [{"parts": [1], "measure": "share", "at_least": 0.8}],
}


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """The good exam with one entry changed; None takes it out."""
    data = copy.deepcopy(GOOD)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return data


def question(place: int, name: str, to: Any) -> dict[str, Any]:
    return changed("parts", 0, "questions", place, name, to=to)


def test_a_good_exam_is_read_as_it_is_stored() -> None:
    read = exam_files.parse(GOOD, where="made.toml")
    keys = [one["key"] for one in read["parts"][0]["questions"]]
    assert keys == [
        {"id": "b"},
        {"order": ["b", "a", "c"], "by": "pairs", "tolerance": 0},
        {"id": "a", "degree": "better", "tolerance": 1},
        {"id": "4", "tolerance": 0},
    ]
    assert (read["marks"][0]["bound"], read["marks"][0]["is_strict"], read["valid_days"]) == ("0.8", False, None)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (changed("title", to=None), "made.toml: “title” is missing"),
        (changed("titel", to="x"), "made.toml: “titel” is not known here"),
        (changed("slug", to="Made exam"), "“slug” must be of small letters"),
        (changed("version", to=0), "“version” must be from 1"),
        (changed("version", to=True), "“version” must be a int"),
        (changed("attempts", to="2"), "“attempts” must be a int, not '2'"),
        (changed("introduction", to=" "), "“introduction” is not a text"),
        (changed("introduction", to="a\x00"), "holds one that cannot be stored"),
        (changed("parts", to=[]), "“parts” must be one or more tables"),
        (changed("parts", 0, "minutes", to=0), "part 1: “minutes” must be from 1"),
        (changed("parts", 0, "answers_wanted", to=5), "part 1: more answers are wanted than there are questions"),
        (changed("marks", 0, "parts", to=[2]), "mark 1: parts must be different numbers of parts"),
        (changed("marks", 0, "parts", to=[1, 1]), "mark 1: parts must be different numbers of parts"),
        (changed("marks", 0, "at_least", to=1.2), "mark 1: “at_least” is out of its range"),
        (changed("marks", 0, "at_least", to=0.12345), "mark 1: “at_least” is out of its range"),
        (changed("marks", 0, "at_least", to=None), "mark 1: “at_least” must be a number"),
        (changed("marks", 0, "more_than", to=0.5), "mark 1: “at_least” is not known here"),
        (changed("marks", 0, "measure", to="luck"), "mark 1: “measure” must be one of share, count, average"),
        (changed("parts", 0, "questions", 0, to=WRITTEN), "mark 1: a written answer has points"),
        (changed("parts", to=[*GOOD["parts"], *GOOD["parts"]]), "no mark covers part 2"),
        (question(0, "kind", "riddle"), "part 1, question 1: “kind” must be one of"),
        (question(0, "key", "c"), "part 1, question 1: “key” must be one of a, b"),
        (question(0, "options", {"a": "One"}), "question 1: there must be from 2 to 9 options"),
        (question(0, "options", {"a": "One", "B!": "Two"}), "question 1: the option's id 'B!'"),
        (question(0, "options", {"a": "Same", "b": "Same"}), "question 1: two options have the same text"),
        (question(0, "options", {"a": "One", "b": 2}), "question 1: option b is not a text"),
        (question(0, "tolerance", 1), "question 1: “tolerance” is not known here"),
        (question(1, "key", ["b", "a"]), "question 2: “key” must name each option once"),
        (question(1, "key", ["b", "a", 3]), "question 2: “key” must name each option once"),
        (question(1, "by", "luck"), "question 2: “by” must be one of exact, pairs"),
        (question(1, "tolerance", 3), "question 2: “tolerance” must be from 0 to 2"),
        (question(2, "degree", "much"), "question 3: “degree” must be one of"),
        (question(2, "options", {"a": "1", "b": "2", "c": "3"}), "question 3: there must be from 2 to 2 options"),
        (question(3, "key", 6), "question 4: “key” must be from 1 to 5"),
        (question(3, "options", ["a", "b"]), "question 4: “options” must be five texts"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ExamFileError) as error:
        exam_files.parse(data, where="made.toml")
    assert sentence in str(error.value)
    assert str(error.value).startswith("made.toml")


def test_a_file_that_is_no_toml_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    for content in (b"slug = ", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(ExamFileError, match=r"broken\.toml: not TOML"):
            exam_files.read(path)


@pytest.mark.django_db
def test_a_stored_version_stays_and_other_words_want_another_version() -> None:
    first, is_new = exam_files.store(exam=exam_files.parse(GOOD, where=""), by=None)
    assert is_new
    assert exam_files.store(exam=exam_files.parse(GOOD, where=""), by=None) == (first, False)
    other = exam_files.parse(changed("title", to="Other"), where="")
    with pytest.raises(ExamFileError, match="raise its version"):
        exam_files.store(exam=other, by=None)
    assert exam_files.store(exam={**other, "version": 2}, by=None)[1]
    assert Event.objects.filter(verb="exam.created").count() == 2


@pytest.mark.django_db
def test_nothing_is_stored_where_one_of_the_files_is_wrong(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(TOML, encoding="utf-8")
    bad.write_text(TOML.replace('key = "b"', 'key = "z"'), encoding="utf-8")
    with pytest.raises(CommandError, match=r"bad\.toml, part 1, question 1: “key” must be one of a, b"):
        call_command("seed_exams", str(good), str(bad))
    assert not Exam.objects.exists()
    with pytest.raises(CommandError, match="no campaign “none”"):
        call_command("seed_exams", str(good), "--campaign", "none")
    with pytest.raises(CommandError, match="There is no guideline"):
        call_command("seed_exams", str(good), "--of-its-guideline")


@pytest.mark.django_db
def test_an_exam_may_be_loaded_for_the_guideline_of_one_campaign(tmp_path: Path) -> None:
    path, campaign = tmp_path / "good.toml", factories.campaign(slug="ours")
    path.write_text(TOML, encoding="utf-8")
    call_command("seed_exams", str(path), "--campaign", "ours", "--of-its-guideline", verbosity=0)
    exam = CampaignExam.objects.get(campaign=campaign).exam
    assert exam.guideline == campaign.guidelines.get()
    factories.campaign(slug="theirs")
    with pytest.raises(CommandError, match="cannot be required elsewhere"):
        call_command("seed_exams", str(path), "--campaign", "theirs")
    assert Question.objects.get().key == {"id": "b"}


TOML = """
slug = "small"
version = 1
title = "Small"
introduction = "Small."
attempts = 1
cool_down_hours = 0

[[marks]]
parts = [1]
measure = "count"
more_than = 0

[[parts]]
title = "One"
minutes = 1

[[parts.questions]]
kind = "choice"
text = "Which?"
options = { a = "This", b = "That" }
key = "b"
"""
