from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """What somebody has chosen or typed and not sent: it outlives reload, sign-out, a lost lease and a lost network."""

    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    subject = models.CharField(max_length=80, help_text="noun:id of what it is about, for example comparison:12")
    fields = models.JSONField(default=dict)
    version = models.UUIDField(
        default=uuid.uuid4, help_text="Drawn anew at each save: a device sees whether another one saved meanwhile."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["annotator", "subject"], name="draft_once")]

    def __str__(self) -> str:
        return f"Draft on {self.subject}"
