"""What a form sent for a question -> the value that is stored and scored (annotation/scoring.py has its forms)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotation.models import Question, QuestionKind
from annotation.scoring import DEGREES
from preferences import text as texts
from preferences.errors import InvalidInput

WRITTEN_LIMIT = 20_000
KEPT_LIMIT = 200_000  # what is too long to be handed in is kept all the same


def field_of(question: Question, option: str = "") -> str:
    """The name of the form's field; numbers are those of the part, so that no other exam's question has a name."""
    return f"answer-{question.number}-{option}" if option else f"answer-{question.number}"


def value_of(question: Question, fields: Mapping[str, str]) -> Any:
    """The value as it is stored; None where nothing was answered. InvalidInput for what no form of ours can send."""
    if question.kind == QuestionKind.RANKING:
        return _ranks(question, fields)
    word = fields.get(field_of(question), "")
    if question.kind == QuestionKind.WRITTEN:
        return texts.storable(word)[:KEPT_LIMIT] if word.strip() else None
    if not word:
        return None
    ids = {option["id"] for option in question.options}
    if question.kind == QuestionKind.PAIRWISE:
        side, _dash, degree = word.partition("-")
        if side not in ids or degree not in DEGREES:
            raise _unknown(question)
        return {"id": side, "degree": degree}
    if word not in ids:
        raise _unknown(question)
    return word


def _ranks(question: Question, fields: Mapping[str, str]) -> dict[str, int] | None:
    """The ranks that were given; a rank that is given twice or not yet is kept and counts when the order is whole."""
    ranks = {}
    for option in question.options:
        word = fields.get(field_of(question, option["id"]), "")
        if not word:
            continue
        if word not in map(str, range(1, len(question.options) + 1)):
            raise _unknown(question)
        ranks[option["id"]] = int(word)
    return ranks or None


def fields_of(question: Question, value: Any) -> dict[str, str]:
    """The stored value as the form shows it."""
    if value is None:
        return {}
    if question.kind == QuestionKind.RANKING:
        return {field_of(question, option): str(rank) for option, rank in value.items()}
    if question.kind == QuestionKind.PAIRWISE:
        return {field_of(question): f"{value['id']}-{value['degree']}"}
    return {field_of(question): value}


def is_whole(question: Question, value: Any) -> bool:
    """Whether nothing of the question is left open: each option of a ranking has a rank of its own."""
    if value is None or question.kind != QuestionKind.RANKING:
        return value is not None
    return sorted(value.values()) == list(range(1, len(question.options) + 1))


def check_written(question: Question, fields: Mapping[str, str]) -> None:
    """Refuses a text that cannot be handed in as it is, so that it is mended while there is time."""
    if question.kind == QuestionKind.WRITTEN:
        name = field_of(question)
        what = _("Your answer to question %(number)d") % {"number": question.number}
        texts.checked(fields.get(name, ""), what=what, limit=WRITTEN_LIMIT, field=name, empty=True)


def _unknown(question: Question) -> InvalidInput:
    return InvalidInput(
        _("Question %(number)d has no such answer. Load the page again; what you answered before is kept.")
        % {"number": question.number},
        field=field_of(question),
    )
