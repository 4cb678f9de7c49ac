"""What people do in exams. The server's clock is the only one."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotation.models.exams import Exam, ExamPart, Question
from preferences.choices import AttemptStatus
from preferences.lifecycle import transition_trigger
from preferences.models.constraints import append_only, never_emptied

RUNNING = [AttemptStatus.STARTED, AttemptStatus.AWAITING_SCORE]
CLOSED = [AttemptStatus.PASSED, AttemptStatus.FAILED]


class Attempt(models.Model):
    """A person takes an exam. An attempt that was passed uses up none of those that the exam allows."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="taken")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exam_attempts")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=AttemptStatus.choices, default=AttemptStatus.STARTED)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, help_text="When it was passed or failed.")
    valid_until = models.DateTimeField(null=True, help_text="When a pass ends; none: never.")

    class Meta:
        verbose_name = "attempt"
        constraints = [
            models.UniqueConstraint(fields=["exam", "person", "number"], name="attempt_number_once"),
            models.UniqueConstraint(fields=["exam", "person"], condition=Q(status__in=RUNNING), name="attempt_alone"),
            models.UniqueConstraint(fields=["id", "exam"], name="attempt_of_exam"),
            models.CheckConstraint(
                condition=Q(status__in=RUNNING, finished_at__isnull=True)
                | Q(status__in=CLOSED, finished_at__isnull=False),
                name="attempt_finished_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(status=AttemptStatus.PASSED),
                name="attempt_valid_when_passed",
            ),
        ]
        indexes = [models.Index(fields=["person", "exam"], name="attempt_of_person")]
        triggers = [
            never_emptied(),
            transition_trigger(AttemptStatus),
            pgtrigger.Trigger(
                name="attempts_cap",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("used", "bigint"), ("allowed", "bigint")],
                # With attempt_alone, of several at once one counts and the others are refused.
                func="""
                    SELECT count(*) INTO used FROM annotation_attempt
                        WHERE exam_id = NEW.exam_id AND person_id = NEW.person_id AND status <> 'passed';
                    SELECT attempts + (SELECT count(*) FROM annotation_attemptgrant
                        WHERE exam_id = NEW.exam_id AND person_id = NEW.person_id)
                        INTO allowed FROM annotation_exam WHERE id = NEW.exam_id;
                    IF used >= allowed THEN
                        RAISE EXCEPTION 'attempts_cap: % of % attempts are used', used, allowed;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} at {self.exam}"


class Sitting(models.Model):
    """One part of an attempt: from its start until it is handed in, by the person or by the clock."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="sittings")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    part = models.ForeignKey(ExamPart, on_delete=models.PROTECT, related_name="sittings")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)
    version = models.UUIDField(
        default=uuid.uuid4, help_text="Drawn anew at each save: a window sees whether another one saved meanwhile."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "part"], name="sitting_once"),
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(handed_in_at__isnull=True), name="sitting_one_at_a_time"
            ),
            models.UniqueConstraint(fields=["id", "part"], name="sitting_of_part"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("started_at"))
                & (Q(handed_in_at__isnull=True) | Q(handed_in_at__lte=F("ends_at"))),
                name="sitting_within_its_time",
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(handed_in_at__isnull=True), name="sitting_open")]

    def __str__(self) -> str:
        return f"{self.part} of {self.attempt}"


class ExamAnswer(models.Model):
    """What a person answered to a question, saved as they go: the last in time counts, a later one is kept beside it.

    A written answer gets a score from a reviewer, who does not see whose it is.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="answers")
    part = models.ForeignKey(ExamPart, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField(null=True)
    late_value = models.JSONField(null=True, help_text="What came after the part was handed in; it does not count.")
    score = models.PositiveSmallIntegerField(null=True)
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sitting", "question"], name="exam_answer_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True, scored_by__isnull=True, remark="")
                | Q(score__isnull=False, score__range=(1, 5), scored_by__isnull=False),
                name="exam_answer_score",
            ),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.Trigger(
                name="not_ones_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__scored_by__isnull=False),
                func="""
                    IF NEW.scored_by_id = (
                        SELECT person_id FROM annotation_attempt JOIN annotation_sitting
                            ON annotation_sitting.attempt_id = annotation_attempt.id
                            WHERE annotation_sitting.id = NEW.sitting_id
                    ) THEN
                        RAISE EXCEPTION 'not_ones_own: nobody scores their own answer';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Answer to {self.question}"


class AttemptGrant(models.Model):
    """A manager gives a person one attempt more than the exam allows."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="grants")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attempt_grants")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"One more attempt at {self.exam}"
