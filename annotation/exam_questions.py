"""Strict reading of an exam file's tables: every word is expected, has its type, and makes sense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from annotation.models import QuestionKind
from annotation.scoring import DEGREES

QUESTION_LIMIT = 20_000
MOST_OPTIONS = 9
_ID = re.compile(r"[a-z0-9]{1,20}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufffd]")


class ExamFileError(Exception):
    """Where in the file, and what is wrong there; for whoever writes exams, in English as the file's words are."""


class Reader:
    """A table of which every entry is asked for once, with a sentence for what is missing, wrong or left over."""

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise self.wrong("is not a table")
        self._left = dict(data)

    def wrong(self, what: str) -> ExamFileError:
        return ExamFileError(f"{self.where}: {what}")

    def end(self) -> None:
        if self._left:
            raise self.wrong(f"“{min(self._left)}” is not known here")

    def take(self, name: str, kind: type, *, optional: bool = False) -> Any:
        value = self._left.pop(name, None)
        if value is None:
            if optional:
                return None
            raise self.wrong(f"“{name}” is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(f"“{name}” must be a {kind.__name__}, not {value!r}")
        return value

    def text(self, name: str, *, limit: int, optional: bool = False) -> str | None:
        value = self.take(name, str, optional=optional)
        if value is None:
            return None
        return self.checked(value, f"“{name}”", limit)

    def checked(self, value: Any, what: str, limit: int = QUESTION_LIMIT) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{what} is not a text with something in it")
        if len(value) > limit or _UNSTORABLE.search(value):
            raise self.wrong(f"{what} is longer than {limit:,} characters, or holds one that cannot be stored")
        return value.strip()

    def slug(self, name: str) -> str:
        value: str = self.take(name, str)
        if not _SLUG.fullmatch(value) or len(value) > 80:
            raise self.wrong(f"“{name}” must be of small letters, digits and single dashes, not {value!r}")
        return value

    def word(self, name: str, words: Sequence[str]) -> str:
        value: str = self.take(name, str)
        if value not in words:
            raise self.wrong(f"“{name}” must be one of {', '.join(words)}, not {value!r}")
        return value

    def number(self, name: str, *, least: int, most: int = 30_000, optional: bool = False) -> int | None:
        value: int | None = self.take(name, int, optional=optional)
        if value is not None and not least <= value <= most:
            raise self.wrong(f"“{name}” must be from {least} to {most}, not {value}")
        return value

    def decimal(self, name: str, *, most: float | None) -> str:
        value = self._left.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"“{name}” must be a number, not {value!r}")
        exact = Decimal(str(value))
        if not 0 <= exact <= (999 if most is None else Decimal(str(most))) or exact != round(exact, 3):
            raise self.wrong(f"“{name}” is out of its range, or has more than three places: {value!r}")
        return str(exact)

    def numbers(self, name: str) -> list[int]:
        value = self.take(name, list)
        if not value or not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
            raise self.wrong(f"“{name}” must be a list of whole numbers")
        return list(value)

    def tables(self, name: str) -> list[Mapping[str, Any]]:
        value = self.take(name, list)
        if not value or not all(isinstance(one, dict) for one in value):
            raise self.wrong(f"“{name}” must be one or more tables")
        return list(value)


def read_question(question: Reader) -> dict[str, Any]:
    """A question as it is stored; annotation/scoring.py says the form of options and key."""
    kind = question.word("kind", QuestionKind.values)
    found: dict[str, Any] = {
        "kind": kind,
        "text": question.text("text", limit=QUESTION_LIMIT),
        "options": [],
        "key": None,
    }
    if kind != QuestionKind.WRITTEN:
        found["options"] = _likert(question) if kind == QuestionKind.LIKERT else _options(question, kind)
        found["key"] = _key(question, kind, [option["id"] for option in found["options"]])
    question.end()
    return found


def _likert(question: Reader) -> list[dict[str, str]]:
    anchors = question.take("options", list)
    if len(anchors) != 5:
        raise question.wrong("“options” must be five texts, from 1 to 5")
    return [
        {"id": str(place), "text": question.checked(text, f"option {place}")} for place, text in enumerate(anchors, 1)
    ]


def _options(question: Reader, kind: str) -> list[dict[str, str]]:
    table = question.take("options", dict)
    wanted = (2, 2) if kind == QuestionKind.PAIRWISE else (2, MOST_OPTIONS)
    if not wanted[0] <= len(table) <= wanted[1]:
        raise question.wrong(f"there must be from {wanted[0]} to {wanted[1]} options, not {len(table)}")
    for name in table:
        if not _ID.fullmatch(name):
            raise question.wrong(f"the option's id {name!r} must be of small letters and digits")
    options = [{"id": name, "text": question.checked(text, f"option {name}")} for name, text in table.items()]
    if len({option["text"] for option in options}) != len(options):
        raise question.wrong("two options have the same text")
    return options


def _key(question: Reader, kind: str, ids: list[str]) -> dict[str, Any]:
    if kind == QuestionKind.RANKING:
        order = question.take("key", list)
        if not all(isinstance(one, str) for one in order) or sorted(order) != sorted(ids):
            raise question.wrong("“key” must name each option once, the best first")
        pairs = len(ids) * (len(ids) - 1) // 2
        tolerance = question.number("tolerance", least=0, most=pairs - 1, optional=True) or 0
        return {"order": order, "by": question.word("by", ["exact", "pairs"]), "tolerance": tolerance}
    if kind == QuestionKind.LIKERT:
        point = question.number("key", least=1, most=5)
        return {"id": str(point), "tolerance": question.number("tolerance", least=0, most=3, optional=True) or 0}
    key: dict[str, Any] = {"id": question.word("key", ids)}
    if kind == QuestionKind.PAIRWISE:
        key["degree"] = question.word("degree", DEGREES)
        key["tolerance"] = question.number("tolerance", least=0, most=3, optional=True) or 0
    return key
