from __future__ import annotations

from django.conf import settings
from django.db import models

from preferences.models.campaigns import Campaign
from preferences.models.constraints import append_only, never_emptied

TOLD_OUTSIDE = ("batch.renewed", "batch.sealed", "export.failed", "export.written", "webhook.pinged")


class Event(models.Model):
    """What was done, to what, by whom; written in the transaction that did it, never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="events")
    verb = models.CharField(max_length=60, help_text="noun.past_participle, for example judgment.recorded")
    subject = models.CharField(max_length=80, db_index=True, help_text="noun:id")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="events")
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        # The few that are told outside are looked for every few seconds among millions (exports/webhooks/outbox.py).
        indexes = [models.Index(fields=["at"], condition=models.Q(verb__in=TOLD_OUTSIDE), name="event_told_outside")]
        triggers = [append_only(erasable=["data"]), never_emptied()]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
