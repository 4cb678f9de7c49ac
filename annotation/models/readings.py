from __future__ import annotations

from django.conf import settings
from django.db import models

from preferences.models import Guideline
from preferences.models.constraints import append_only, never_emptied


class GuidelineReading(models.Model):
    """An annotator has said that they read this guideline version; without it they judge nothing under it."""

    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="readings")
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, related_name="readings")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["annotator", "guideline"], name="guideline_read_once")]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.guideline} read"
