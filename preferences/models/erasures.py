from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from preferences.models.constraints import append_only, never_emptied
from preferences.models.events import SHA256, Event


class Erasure(models.Model):
    """That words were taken out of the record for good: of whom or of what, by whom and why; never what they were.

    While its transaction runs, and in no other, the triggers of what is written once let words be taken out
    (preferences/erasing.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=80, db_index=True, help_text="noun:id, for example user:12 or dialogue:7")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow(), help_text="When its transaction began.")

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="erasure_for_a_reason")]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Erasure of {self.subject}"


class Tombstone(models.Model):
    """Where words stood that were erased, and their fingerprint.

    The fingerprint is keyed with this installation's secret: who still has the words can have it confirmed that they
    stood here, and nobody can find a name or an address by trying.
    """

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="tombstones")
    subject = models.CharField(max_length=80, db_index=True, help_text="noun:id")
    field = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, help_text="HMAC-SHA-256 of what stood there.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["erasure", "subject", "field"], name="tombstone_once"),
            models.CheckConstraint(condition=Q(fingerprint__regex=SHA256), name="tombstone_fingerprint"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.subject} {self.field}, erased"


class ErasedEvent(models.Model):
    """What an erasure made of an event, as a hash: anything else in its place was put there by somebody else."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="erased_events")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, help_text="Digests.whole (preferences.event_chain) of the event as it is.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["erasure", "event"], name="erased_event_once"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="erased_event_sha256"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Event {self.event_id}, erased"
