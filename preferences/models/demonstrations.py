from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from preferences.choices import Criterion, DemonstrationStatus
from preferences.lifecycle import transition_trigger
from preferences.models.campaigns import Campaign
from preferences.models.constraints import REFUSED, append_only, let_erase, never_emptied, one_of
from preferences.models.dialogues import Message
from preferences.models.guidelines import Guideline
from preferences.models.prompts import Prompt


class Demonstration(models.Model):
    """Prompts and answers that a person wrote, for supervised fine-tuning; another person approves them first.

    What was written stands in its versions, each of which stays: what the author sent, what they sent again after it
    was returned, what a reviewer corrected. The newest is the one that counts.
    """

    key = models.UUIDField(
        unique=True, default=uuid.uuid4, help_text="The form's: sending it twice stores one demonstration."
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="demonstrations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="demonstrations")
    status = models.CharField(max_length=20, choices=DemonstrationStatus.choices, default=DemonstrationStatus.IN_REVIEW)
    sent_at = models.DateTimeField(help_text="When its newest version by the author came.")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="reviewed_demonstrations"
    )
    reviewed_at = models.DateTimeField(null=True)
    review_seconds = models.FloatField(default=0, help_text="Work of its reviewers on it.")
    feedback = models.TextField(blank=True, help_text="What the last reviewer who returned it wrote to its author.")
    unmet = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="Criteria, when returned.")

    class Meta:
        constraints = [
            one_of("status", DemonstrationStatus, name="demonstration_status"),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")), name="demonstration_reviewed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(status=DemonstrationStatus.IN_REVIEW)
                | Q(reviewer__isnull=False, reviewed_at__isnull=False),
                name="demonstration_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=DemonstrationStatus.RETURNED) | ~Q(feedback=""),
                name="demonstration_returned_with_feedback",
            ),
            models.CheckConstraint(
                condition=~Q(status=DemonstrationStatus.APPROVED) | Q(unmet=[]), name="demonstration_approved_meets_all"
            ),
            models.CheckConstraint(
                condition=Q(unmet__contained_by=Criterion.values), name="demonstration_unmet_criteria"
            ),
            models.CheckConstraint(condition=Q(review_seconds__gte=0), name="demonstration_review_seconds"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "sent_at"],
                condition=Q(status=DemonstrationStatus.IN_REVIEW),
                name="demonstration_in_review",
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(DemonstrationStatus),
            pgtrigger.ReadOnly(name="origin_stays", fields=["key", "campaign", "author"]),
            pgtrigger.Trigger(
                name="kept_when_approved",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status=DemonstrationStatus.APPROVED),
                func=let_erase("feedback") + REFUSED,
            ),
        ]

    def __str__(self) -> str:
        return f"Demonstration {self.key}"

    @property
    def newest(self) -> DemonstrationVersion:
        return self.versions.select_related("prompt").latest("number")


class DemonstrationVersion(models.Model):
    """One wording of a demonstration, by its author or by a reviewer who corrected it; append-only."""

    demonstration = models.ForeignKey(Demonstration, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prompt = models.ForeignKey(
        Prompt, on_delete=models.PROTECT, related_name="+", help_text="The author's first message, with its labels."
    )
    messages: models.JSONField[list[Message], list[Message]] = models.JSONField(
        help_text="Prompts and answers in turn, from a prompt to an answer."
    )
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, related_name="+")
    active_seconds = models.FloatField()
    pasted = models.PositiveIntegerField(
        null=True, help_text="Characters that were pasted, as the browser counted; null: not known."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["demonstration", "number"], name="demonstration_version_once"),
            models.CheckConstraint(
                condition=Q(messages__1__isnull=False, messages__0__role="user", messages__1__role="assistant"),
                name="demonstration_prompt_then_answer",
            ),
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="demonstration_active_seconds"),
        ]
        triggers = [
            never_emptied(),
            append_only(erasable=["messages"]),
            pgtrigger.Trigger(
                name="closed_once_approved",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=f"""
                    IF EXISTS (
                        SELECT 1 FROM preferences_demonstration
                         WHERE id = NEW.demonstration_id AND status = '{DemonstrationStatus.APPROVED}'
                    ) THEN
                        RAISE EXCEPTION 'demonstration % is approved', NEW.demonstration_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of demonstration {self.demonstration_id}"
