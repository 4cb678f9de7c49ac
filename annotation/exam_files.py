"""Exams as files: read strictly, stored once. docs/exams.md says the format.

What is wrong is said with the file, the part and the question, for whoever writes exams.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotation.exam_questions import ExamFileError, Reader, read_question
from annotation.models import Exam, ExamPart, Measure, PassMark, Question, QuestionKind
from preferences.actions import events
from preferences.models import Guideline

if TYPE_CHECKING:
    from webapp.accounts.models import User

SHIPPED = Path(__file__).parent / "exams"
TEXT_LIMIT = 20_000
LARGEST = 1_000_000  # bytes of a file


def read(path: Path) -> dict[str, Any]:
    """The exam as checked plain data; ExamFileError names the first thing that is wrong."""
    if path.stat().st_size > LARGEST:
        raise ExamFileError(f"{path.name}: larger than {LARGEST:,} bytes")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExamFileError(f"{path.name}: not TOML: {error}") from None
    return parse(data, where=path.name)


def parse(data: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    top = Reader(data, where)
    exam = {
        "slug": top.slug("slug"),
        "version": top.number("version", least=1),
        "title": top.text("title", limit=120),
        "introduction": top.text("introduction", limit=TEXT_LIMIT),
        "attempts": top.number("attempts", least=1),
        "cool_down_hours": top.number("cool_down_hours", least=0),
        "valid_days": top.number("valid_days", least=1, optional=True),
    }
    parts = [_part(part, f"{where}, part {number}") for number, part in enumerate(top.tables("parts"), 1)]
    marks = [_mark(mark, f"{where}, mark {number}", parts) for number, mark in enumerate(top.tables("marks"), 1)]
    top.end()
    covered = {number for mark in marks for number in mark["parts"]}
    if missing := set(range(1, len(parts) + 1)) - covered:
        raise ExamFileError(f"{where}: no mark covers part {min(missing)}")
    return {**exam, "parts": parts, "marks": marks}


def _part(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    part = Reader(data, where)
    questions = [
        read_question(Reader(question, f"{where}, question {number}"))
        for number, question in enumerate(part.tables("questions"), 1)
    ]
    wanted = part.number("answers_wanted", least=1, optional=True)
    found = {
        "title": part.text("title", limit=120),
        "introduction": part.text("introduction", limit=TEXT_LIMIT, optional=True) or "",
        "minutes": part.number("minutes", least=1, most=600),
        "answers_wanted": wanted,
        "questions": questions,
    }
    part.end()
    if (wanted or 0) > len(questions):
        raise ExamFileError(f"{where}: more answers are wanted than there are questions")
    return found


def _mark(data: Mapping[str, Any], where: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mark = Reader(data, where)
    numbers = mark.numbers("parts")
    measure = mark.word("measure", Measure.values)
    strict = "more_than" in data
    most = {Measure.SHARE: 1.0, Measure.AVERAGE: 5.0}.get(Measure(measure))
    found = {
        "parts": numbers,
        "measure": measure,
        "bound": mark.decimal("more_than" if strict else "at_least", most=most),
        "is_strict": strict,
    }
    mark.end()
    if len(set(numbers)) != len(numbers) or not set(numbers) <= set(range(1, len(parts) + 1)):
        raise ExamFileError(f"{where}: parts must be different numbers of parts of this exam")
    kinds = {question["kind"] for number in numbers for question in parts[number - 1]["questions"]}
    if measure != Measure.AVERAGE and QuestionKind.WRITTEN in kinds:
        raise ExamFileError(f"{where}: a written answer has points from 1 to 5, which only the average measures")
    return found


@transaction.atomic
def store(*, exam: Mapping[str, Any], by: User | None, guideline: Guideline | None = None) -> tuple[Exam, bool]:
    """The exam's row and whether it is new. A version that was stored never changes."""
    digest = hashlib.sha256(json.dumps(exam, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    stored = Exam.objects.filter(slug=exam["slug"], version=exam["version"]).first()
    if stored is not None:
        if stored.sha256 != digest:
            raise ExamFileError(
                f"{exam['slug']}: version {exam['version']} is stored with other words; raise its version"
            )
        return stored, False
    own = {name: value for name, value in exam.items() if name not in {"parts", "marks"}}
    made = Exam.objects.create(**own, sha256=digest, guideline=guideline)
    for number, part in enumerate(exam["parts"], 1):
        _store_part(made, number, part)
    PassMark.objects.bulk_create(
        PassMark(exam=made, number=number, **mark) for number, mark in enumerate(exam["marks"], 1)
    )
    events.record("exam.created", made, by=by, exam=made.slug, version=made.version, sha256=digest)
    return made, True


def _store_part(exam: Exam, number: int, part: Mapping[str, Any]) -> None:
    own = {name: value for name, value in part.items() if name != "questions"}
    made = ExamPart.objects.create(exam=exam, number=number, **own)
    Question.objects.bulk_create(
        Question(part=made, number=place, **question) for place, question in enumerate(part["questions"], 1)
    )
