from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.choices import AssignmentStatus, Position, SkipReason
from preferences.lifecycle import transition_trigger
from preferences.models import Comparison, Judgment, Slot
from preferences.models.constraints import never_emptied, one_of


class Assignment(models.Model):
    """A lease: this annotator holds this slot until then, with the two responses in this order.

    The key is all that the annotator's browser ever sees of it; submitting it twice gives the same judgment.
    """

    # Set by the queries that need them (annotation/visibility.py, annotation/leases.py).
    seen: dict[str, Any]
    may: bool
    guideline: int | None
    guideline_read: int | None
    other: uuid.UUID | None
    session: dict[str, Any] | None
    returned: bool

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="assignments")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="assignments")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    shown_left = models.CharField(max_length=1, choices=Position.choices)
    status = models.CharField(max_length=20, choices=AssignmentStatus.choices, default=AssignmentStatus.ACTIVE)
    judgment = models.OneToOneField(Judgment, on_delete=models.PROTECT, null=True, related_name="assignment")
    created_at = models.DateTimeField()
    leased_until = models.DateTimeField()
    active_seconds = models.FloatField(default=0, help_text="All work on it, its edit and its revisions too.")
    beaten_at = models.DateTimeField(help_text="When the last sign of work on it came.")
    skip_reason = models.CharField(max_length=20, choices=SkipReason.choices, blank=True)
    skip_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=Q(status=AssignmentStatus.ACTIVE), name="assignment_holds_slot_alone"
            ),
            models.UniqueConstraint(
                fields=["comparison", "annotator"],
                condition=Q(status__in=[AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED]),
                name="assignment_once_per_annotator",
            ),
            one_of("status", AssignmentStatus, name="assignment_status"),
            one_of("shown_left", Position, name="assignment_shown_left"),
            one_of("skip_reason", SkipReason, name="assignment_skip_reason", blank=True),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.RELEASED) | Q(skip_reason="", skip_note=""),
                name="assignment_skipped_when_released",
            ),
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="assignment_active_seconds"),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.SUBMITTED, judgment__isnull=False)
                | (~Q(status=AssignmentStatus.SUBMITTED) & Q(judgment__isnull=True)),
                name="assignment_submitted_with_judgment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"], condition=Q(status=AssignmentStatus.ACTIVE), name="assignment_active"
            ),
            # What a person had just before, however much others did since.
            models.Index(fields=["annotator", "-id"], name="assignment_latest"),
        ]
        triggers = [transition_trigger(AssignmentStatus), never_emptied()]

    def __str__(self) -> str:
        return f"Assignment {self.key}"

    @property
    def left(self) -> Position:
        return Position(self.shown_left)
