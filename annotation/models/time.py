from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Extract

from preferences.models import Campaign


class WorkSession(models.Model):
    """A stretch of work of one person in one campaign, moved by every sign of life of their pages.

    A person has one running session whatever windows they have open, so that no second counts twice. It ends with its
    last sign of life.
    """

    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="work_sessions")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="work_sessions")
    started_at = models.DateTimeField()
    last_beat_at = models.DateTimeField()
    active_seconds = models.FloatField(default=0, help_text="Without the pauses; counted by the server.")
    is_running = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotator"], condition=Q(is_running=True), name="worksession_one_runs"),
            models.CheckConstraint(
                condition=Q(active_seconds__gte=0)
                # A thousandth for what a sum of floating-point seconds is off.
                & Q(active_seconds__lte=Extract(F("last_beat_at") - F("started_at"), "epoch") + 0.001),
                name="worksession_no_longer_than_it_lasted",
            ),
        ]
        indexes = [models.Index(fields=["annotator", "campaign", "last_beat_at"], name="worksession_latest")]

    def __str__(self) -> str:
        return f"Session of {self.annotator_id} from {self.started_at:%Y-%m-%d %H:%M}"


class WritingTime(models.Model):
    """Work on a text that is not sent yet; it goes into what the text becomes."""

    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="writing_times")
    subject = models.CharField(max_length=80, help_text="noun:id, as that of the draft")
    active_seconds = models.FloatField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotator", "subject"], name="writingtime_once"),
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="writingtime_active_seconds"),
        ]

    def __str__(self) -> str:
        return f"Writing on {self.subject}"
