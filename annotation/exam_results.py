"""What an attempt has reached of each pass mark, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils import timezone

from annotation import scoring
from annotation.models import Attempt, ExamAnswer, PassMark, QuestionKind
from annotation.scoring import PartScores, Reached, Scored
from preferences import lifecycle
from preferences.actions import events
from preferences.choices import AttemptStatus

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class MarkResult:
    mark: PassMark
    reached: Reached | None  # None where its parts are not all handed in


def marks_of(attempt: Attempt, *, is_over: bool = False) -> list[MarkResult]:
    """Each mark of the exam; of a part that was never begun, where the attempt `is_over`, nothing is answered."""
    scores = part_scores(attempt, is_over=is_over)
    results = []
    for mark in attempt.exam.marks.all():
        parts = [scores[number] for number in mark.parts if number in scores]
        bound = Fraction(mark.bound)
        whole = len(parts) == len(mark.parts)
        reached = scoring.reached(mark.measure, bound, is_strict=mark.is_strict, parts=parts) if whole else None
        results.append(MarkResult(mark, reached))
    return results


def part_scores(attempt: Attempt, *, is_over: bool = False) -> dict[int, PartScores]:
    """By the number of the part, for the parts that were handed in; all parts where the attempt `is_over`."""
    given = {answer.question_id: answer for answer in ExamAnswer.objects.filter(sitting__attempt=attempt)}
    handed_in = set(attempt.sittings.filter(handed_in_at__isnull=False).values_list("part_id", flat=True))
    found = {}
    for part in attempt.exam.parts.prefetch_related("questions"):
        if not is_over and part.pk not in handed_in:
            continue
        questions = [_scored(question.kind, question.key, given.get(question.pk)) for question in part.questions.all()]
        found[part.number] = PartScores(questions, part.answers_wanted)
    return found


def _scored(kind: str, key: dict[str, object] | None, answer: ExamAnswer | None) -> Scored:
    value = answer.value if answer else None
    return Scored(
        is_written=kind == QuestionKind.WRITTEN,
        is_answered=scoring.is_answered(kind, value),
        worth=scoring.worth(kind, key, value),
        score=answer.score if answer else None,
    )


def decide(attempt: Attempt, *, by: User | None, is_over: bool) -> None:
    """Moves the attempt on as soon as that is certain: a missed mark ends it, whatever is still to come."""
    verdicts = [result.reached.passed if result.reached else None for result in marks_of(attempt, is_over=is_over)]
    if False in verdicts:
        _finish(attempt, AttemptStatus.FAILED, by)
    elif not is_over:
        return
    elif None not in verdicts:
        _finish(attempt, AttemptStatus.PASSED, by)
    elif attempt.status == AttemptStatus.STARTED:
        lifecycle.advance(attempt, AttemptStatus.AWAITING_SCORE)
        events.record("attempt.awaits_score", attempt, by=by, exam=attempt.exam.slug)


def _finish(attempt: Attempt, status: AttemptStatus, by: User | None) -> None:
    now, days = timezone.now(), attempt.exam.valid_days
    ends = now + timedelta(days=days) if status == AttemptStatus.PASSED and days else None
    lifecycle.advance(attempt, status, finished_at=now, valid_until=ends)
    events.record(f"attempt.{status}", attempt, by=by, exam=attempt.exam.slug, version=attempt.exam.version)
