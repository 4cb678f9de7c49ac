"""What answers are worth: pure functions over plain data, exact by fractions.

The form of a question's data, of its answers and of its worth (from 0 to 1):

kind      options        key                                  answer                             full worth
choice    {id, text}     {"id": "b"}                          "b"                                the same id
ranking   {id, text}     {"order": ["c", "a", "b"],           {"a": 2, "b": 3, "c": 1}           at most `tolerance`
                          "by": "pairs", "tolerance": 0}                                         pairs the wrong way
pairwise  two {id, text} {"id": "a", "degree": "better",      {"id": "a", "degree": "better"}    the same side, at most
                          "tolerance": 1}                                                        `tolerance` degrees off
likert    five {id, text} {"id": "4", "tolerance": 1}         "5"                                at most `tolerance` off
written   -              -                                    "Some text."                       by a reviewer, 1 to 5

A ranking by "pairs" that is not fully right is worth its share of pairs in the right order; an "exact" one, nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from annotation.models.exams import Measure, QuestionKind
from preferences.choices import Degree

MOST_POINTS = 5
DEGREES = list(Degree.values)

NONE, FULL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Scored:
    """One question of one attempt."""

    is_written: bool
    is_answered: bool
    worth: Fraction = NONE  # of what a machine scores
    score: int | None = None  # a reviewer's, of a written answer

    @property
    def waits(self) -> bool:
        return self.is_written and self.is_answered and self.score is None

    @property
    def points(self) -> Fraction:
        return Fraction(self.score or 0) if self.is_written else MOST_POINTS * self.worth


@dataclass(frozen=True)
class PartScores:
    questions: Sequence[Scored]
    answers_wanted: int | None = None

    @property
    def answered(self) -> int:
        return sum(question.is_answered for question in self.questions)

    @property
    def is_short(self) -> bool:
        """Fewer answers than the part asks for; nothing makes up for it where it asks for some of its questions."""
        return self.answers_wanted is not None and self.answered < self.answers_wanted


@dataclass(frozen=True)
class Reached:
    """What an attempt reached of a pass mark; None while something waits for a reviewer."""

    value: Fraction | None
    passed: bool | None


def worth(kind: str, key: Mapping[str, Any] | None, value: Any) -> Fraction:
    """How far an answer agrees with the reference, from 0 to 1; what is not answered, or not fully, is worth 0."""
    if value is None or key is None:
        return NONE
    if kind == QuestionKind.CHOICE:
        return FULL if value == key["id"] else NONE
    if kind == QuestionKind.LIKERT:
        return FULL if abs(int(value) - int(key["id"])) <= key.get("tolerance", 0) else NONE
    if kind == QuestionKind.PAIRWISE:
        return _pairwise(key, value)
    return _ranking(key, value)


def _pairwise(key: Mapping[str, Any], value: Mapping[str, str]) -> Fraction:
    off = abs(DEGREES.index(value["degree"]) - DEGREES.index(key["degree"]))
    return FULL if value["id"] == key["id"] and off <= key.get("tolerance", 0) else NONE


def _ranking(key: Mapping[str, Any], value: Mapping[str, int]) -> Fraction:
    """Share of the pairs of options that stand in the reference's order (Kendall's concordant pairs)."""
    order = key["order"]
    if sorted(value.values()) != list(range(1, len(order) + 1)) or set(value) != set(order):
        return NONE
    pairs = list(combinations(order, 2))
    wrong = sum(value[first] > value[second] for first, second in pairs)
    if wrong <= key.get("tolerance", 0):
        return FULL
    return Fraction(len(pairs) - wrong, len(pairs)) if key["by"] == "pairs" else NONE


def is_answered(kind: str, value: Any) -> bool:
    return value is not None and (kind != QuestionKind.WRITTEN or bool(value.strip()))


def reached(measure: str, bound: Fraction, *, is_strict: bool, parts: Sequence[PartScores]) -> Reached:
    """share: mean worth of all questions; count: questions of full worth; average: mean of the parts' averages.

    A part's average is that of its questions' points (a reviewer's 1 to 5, or 5 times the worth; 0 where nothing is
    answered). Where only some of its questions are wanted, it is that of the answers given.
    """
    if any(part.is_short for part in parts):
        return Reached(None if _waits(parts) else _value(measure, parts), False)
    if _waits(parts):
        return Reached(None, None)
    value = _value(measure, parts)
    return Reached(value, value > bound if is_strict else value >= bound)


def _waits(parts: Sequence[PartScores]) -> bool:
    return any(question.waits for part in parts for question in part.questions)


def _value(measure: str, parts: Sequence[PartScores]) -> Fraction:
    worths = [question.worth for part in parts for question in part.questions]
    if measure == Measure.SHARE:
        return sum(worths, NONE) / len(worths)
    if measure == Measure.COUNT:
        return Fraction(sum(one == FULL for one in worths))
    return sum((_average(part) for part in parts), NONE) / len(parts)


def _average(part: PartScores) -> Fraction:
    points = sum((question.points for question in part.questions), NONE)
    if part.answers_wanted is None:
        return points / len(part.questions)
    return points / max(part.answered, part.answers_wanted)
