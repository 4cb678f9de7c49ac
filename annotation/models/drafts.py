from __future__ import annotations

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """What somebody has chosen or typed and not sent: it outlives reload, sign-out, a lost lease and a lost network."""

    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    subject = models.CharField(max_length=80, help_text="noun:id of what it is about, for example comparison:12")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["annotator", "subject"], name="draft_once")]

    def __str__(self) -> str:
        return f"Draft on {self.subject}"
