"""Taking an exam: start it, save answers as they are given, hand in a part, begin the next.

All times are the server's. A part whose time is over is handed in as it is, whoever looks first: its person, a manager,
or the scheduler. What comes later is kept beside what counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import exam_values, leases, standing
from annotation.exam_results import decide
from annotation.models import Attempt, Exam, ExamAnswer, ExamPart, Question, Sitting
from preferences.actions import events
from preferences.choices import AttemptStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed

if TYPE_CHECKING:
    from webapp.accounts.models import User

BREAK = timedelta(days=1)  # how long after the start of an attempt its last part may be begun
CLOSED_AT_ONCE = 50


class TimeOver(Conflict):
    """An answer came after its part was handed in, by the person or by the clock; it is kept and does not count."""

    code = "time_over"


@transaction.atomic
def start(*, exam: Exam, by: User) -> Attempt:
    """A new attempt, with its first part running; the one that is running where there is one (a double click)."""
    person = leases.alone(by)
    running = Attempt.objects.filter(exam=exam, person=by, status=AttemptStatus.STARTED).first()
    if running is not None and _closed_by_clock(running).status == AttemptStatus.STARTED:
        return running
    standing.check_may_start(exam, person)
    number = Attempt.objects.filter(exam=exam, person=by).count() + 1
    attempt = Attempt.objects.create(exam=exam, person=by, number=number, started_at=timezone.now())
    events.record("attempt.started", attempt, by=by, exam=exam.slug, version=exam.version, number=number)
    _sit(attempt, exam.parts.get(number=1), by)
    return attempt


@transaction.atomic
def begin_part(*, key: uuid.UUID, by: User) -> Attempt:
    """The clock of the next part runs from now; beginning it twice is beginning it once."""
    attempt = _closed_by_clock(_locked(key, by))
    following = next_part(attempt)
    if attempt.status == AttemptStatus.STARTED and following is not None and sitting_of(attempt) is None:
        _sit(attempt, following, by)
    return attempt


def save(*, key: uuid.UUID, part: int, by: User, fields: Mapping[str, str], version: str = "") -> Sitting:
    """Keeps what was answered so far; TimeOver, and kept beside, where the part was handed in already."""
    with transaction.atomic():
        sitting = _sitting(_closed_by_clock(_locked(key, by)), part)
        is_late = _keep(sitting, fields, version)
    if is_late:
        raise TimeOver(_late())
    return sitting


def hand_in(*, key: uuid.UUID, part: int, by: User, fields: Mapping[str, str], version: str = "") -> Attempt:
    """Saves and closes the part; sent again it changes nothing, and what differs is kept beside."""
    with transaction.atomic():
        attempt = _closed_by_clock(_locked(key, by))
        sitting = _sitting(attempt, part)
        is_late = _keep(sitting, fields, version)
        refusal = _refusal(sitting, fields) if sitting.handed_in_at is None else None
        if sitting.handed_in_at is None and refusal is None:
            _close(sitting, attempt, by=by)
    if refusal is not None:
        raise refusal
    if is_late:
        raise TimeOver(_late())
    return attempt


def look(*, key: uuid.UUID, by: User) -> Attempt:
    """The person's own attempt as it stands now; parts whose time is over are handed in first."""
    with transaction.atomic():
        return _closed_by_clock(_locked(key, by))


def close_over() -> int:
    """Hands in what nobody came back to; returns how many attempts were looked at. Safe beside everything else."""
    now = timezone.now()
    sat_too_long = Sitting.objects.filter(attempt=OuterRef("pk"), handed_in_at__isnull=True, ends_at__lte=now)
    sits = Sitting.objects.filter(attempt=OuterRef("pk"), handed_in_at__isnull=True)
    over = Q(Exists(sat_too_long)) | (Q(started_at__lte=now - BREAK) & ~Exists(sits))
    waiting = Attempt.objects.filter(over, status=AttemptStatus.STARTED)
    closed = 0
    for pk in waiting.order_by("started_at").values_list("pk", flat=True)[:CLOSED_AT_ONCE]:
        with transaction.atomic():
            rows = Attempt.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            attempt = rows.select_related("exam").filter(pk=pk, status=AttemptStatus.STARTED).first()
            if attempt is not None:
                _closed_by_clock(attempt)
                closed += 1
    return closed


def sitting_of(attempt: Attempt) -> Sitting | None:
    """The part that runs now."""
    return attempt.sittings.select_related("part").filter(handed_in_at__isnull=True).first()


def next_part(attempt: Attempt) -> ExamPart | None:
    return attempt.exam.parts.exclude(sittings__attempt=attempt).order_by("number").first()


def _locked(key: uuid.UUID, by: User) -> Attempt:
    rows = Attempt.objects.select_for_update(no_key=True, of=("self",)).select_related("exam")
    attempt = rows.filter(key=key, person=by).first()
    if attempt is None:
        raise NotAllowed(_("There is no such attempt of yours."))
    return attempt


def _sitting(attempt: Attempt, number: int) -> Sitting:
    sitting = attempt.sittings.select_related("part").filter(part__number=number).first()
    if sitting is None:
        raise NotAllowed(_("This part was not begun. Nothing was stored; begin it first."))
    return sitting


def _sit(attempt: Attempt, part: ExamPart, by: User) -> None:
    now = timezone.now()
    ends = now + timedelta(minutes=part.minutes)
    sitting = Sitting.objects.create(attempt=attempt, exam=attempt.exam, part=part, started_at=now, ends_at=ends)
    events.record("sitting.started", sitting, by=by, part=part.number, ends_at=ends.isoformat())


def _keep(sitting: Sitting, fields: Mapping[str, str], version: str) -> bool:
    """Stores what changed; whether it came too late.

    A window that another one saved after it was loaded takes nothing away: what is empty in it stays as stored.
    """
    is_late, may_empty = sitting.handed_in_at is not None, version in ("", str(sitting.version))
    stored = {answer.question_id: answer for answer in sitting.answers.all()}
    changed = []
    for question in sitting.part.questions.all():
        value = exam_values.value_of(question, fields)
        answer = stored.get(question.pk) or _blank(sitting, question)
        if value == answer.value or (is_late and value in (None, answer.late_value)):
            continue
        if value is None and not may_empty:
            continue
        setattr(answer, "late_value" if is_late else "value", value)
        changed.append(answer)
    if changed:
        columns = ["late_value" if is_late else "value"]
        keys = ["sitting", "question"]
        ExamAnswer.objects.bulk_create(changed, update_conflicts=True, unique_fields=keys, update_fields=columns)
        sitting.version = uuid.uuid4()
        sitting.save(update_fields=["version"])
    return is_late and bool(changed)


def _blank(sitting: Sitting, question: Question) -> ExamAnswer:
    return ExamAnswer(sitting=sitting, part_id=sitting.part_id, question=question)


def _refusal(sitting: Sitting, fields: Mapping[str, str]) -> InvalidInput | None:
    try:
        for question in sitting.part.questions.all():
            exam_values.check_written(question, fields)
    except InvalidInput as refused:
        return refused
    return None


def _closed_by_clock(attempt: Attempt) -> Attempt:
    """Whatever the clock has ended by now is ended, at the moment when it ended."""
    now = timezone.now()
    if attempt.status != AttemptStatus.STARTED:
        return attempt
    sitting = sitting_of(attempt)
    if sitting is not None and sitting.ends_at <= now:
        _close(sitting, attempt, by=None)
    elif sitting is None and attempt.started_at + BREAK <= now:
        decide(attempt, by=None, is_over=True)
    return attempt


def _close(sitting: Sitting, attempt: Attempt, *, by: User | None) -> None:
    """The part is handed in, by its person or at the end of its time; then the attempt is decided as far as it can."""
    sitting.handed_in_at = min(timezone.now(), sitting.ends_at)
    sitting.save(update_fields=["handed_in_at"])
    facts: dict[str, Any] = {"part": sitting.part.number, "by_clock": by is None}
    events.record("sitting.handed_in", sitting, by=by, **facts)
    decide(attempt, by=by, is_over=next_part(attempt) is None)


def _late() -> str:
    return _(
        "The time for this part was over, or it was handed in, before this came. What you answered in time counts; "
        "what came later is kept beside it and does not count."
    )
