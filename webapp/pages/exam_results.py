"""What an attempt came to, for its person and for a manager: marks, scored texts, what came late; never a key."""

from __future__ import annotations

from typing import Any

from annotation.exam_results import marks_of
from annotation.models import Attempt, ExamAnswer, QuestionKind
from preferences.choices import AttemptStatus
from webapp.pages import exam_questions, exam_words


def marks(attempt: Attempt) -> list[exam_words.MarkWords]:
    return [exam_words.in_words(result) for result in marks_of(attempt)]


def shown_of(attempt: Attempt) -> dict[str, Any]:
    """For exam_marks.html and exam_texts.html; scores are shown once all are given."""
    answers = ExamAnswer.objects.filter(sitting__attempt=attempt).select_related("question__part")
    ordered = list(answers.order_by("question__part__number", "question__number"))
    late = [
        (answer.question, exam_questions.in_words(answer.question, answer.late_value))
        for answer in ordered
        if answer.late_value is not None
    ]
    scored = [one for one in ordered if one.question.kind == QuestionKind.WRITTEN and one.score is not None]
    is_closed = attempt.status in (AttemptStatus.PASSED, AttemptStatus.FAILED)
    return {"marks": marks(attempt), "late": late, "written": scored if is_closed else []}
