"""A question as a page shows it. What stands here reaches a browser; there is no place for a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotation import exam_values
from annotation.models import ExamAnswer, Question, QuestionKind
from annotation.scoring import DEGREES
from preferences.choices import Degree
from webapp.pages.texts import Text, shown

LETTERS = "ABCDEFGHI"


@dataclass(frozen=True)
class Option:
    """One radio button, or one text to be ranked."""

    name: str  # of the field
    value: str
    text: Text
    chosen: str  # its value where it is chosen; of a ranking, the rank that it has
    side: str = ""  # of two answers


@dataclass(frozen=True)
class Asked:
    number: int
    kind: str
    name: str
    text: Text
    texts: list[Text]  # the answers that are compared or ranked
    options: list[Option]
    ranks: list[str]
    typed: str


def asked(questions: Iterable[Question], fields: Mapping[str, str]) -> list[Asked]:
    """The questions with what was answered, from the form's own fields."""
    found = list(questions)
    every = [question.text for question in found] + [option["text"] for one in found for option in one.options]
    known = shown(every)
    return [_asked(question, fields, known) for question in found]


def _asked(question: Question, fields: Mapping[str, str], known: Mapping[str, Text]) -> Asked:
    name = exam_values.field_of(question)
    texts = [known[option["text"]] for option in question.options]
    return Asked(
        number=question.number,
        kind=question.kind,
        name=name,
        text=known[question.text],
        texts=texts if question.kind == QuestionKind.PAIRWISE else [],
        options=_degrees(question, fields)
        if question.kind == QuestionKind.PAIRWISE
        else _options(question, fields, texts),
        ranks=[str(rank) for rank in range(1, len(texts) + 1)] if question.kind == QuestionKind.RANKING else [],
        typed=fields.get(name, ""),
    )


def _options(question: Question, fields: Mapping[str, str], texts: list[Text]) -> list[Option]:
    ranks = question.kind == QuestionKind.RANKING
    found = []
    for option, text in zip(question.options, texts, strict=True):
        name = exam_values.field_of(question, option["id"] if ranks else "")
        found.append(Option(name, option["id"], text, fields.get(name, "")))
    return found


def _degrees(question: Question, fields: Mapping[str, str]) -> list[Option]:
    """The row of the compare page: from the first answer being far better to the second being so."""
    name = exam_values.field_of(question)
    first, second = (option["id"] for option in question.options)
    row = [(first, "A", degree) for degree in DEGREES] + [(second, "B", degree) for degree in reversed(DEGREES)]
    return [
        Option(name, f"{side}-{degree}", Text(str(Degree(degree).label), SafeString()), fields.get(name, ""), letter)
        for side, letter, degree in row
    ]


def fields_of(answers: Iterable[ExamAnswer]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for answer in answers:
        fields |= exam_values.fields_of(answer.question, answer.value)
    return fields


def in_words(question: Question, value: Any) -> str:
    """A stored value for its person, who gave it."""
    if question.kind == QuestionKind.WRITTEN:
        return str(value)
    texts = {option["id"]: option["text"] for option in question.options}
    if question.kind == QuestionKind.RANKING:
        return "; ".join(f"{rank}. {texts[option]}" for option, rank in sorted(value.items(), key=lambda one: one[1]))
    if question.kind == QuestionKind.PAIRWISE:
        letter = LETTERS[[option["id"] for option in question.options].index(value["id"])]
        return _("%(answer)s: %(degree)s") % {"answer": letter, "degree": Degree(value["degree"]).label}
    return str(texts[value])
