from __future__ import annotations

from django.conf import settings
from django.db import models

from preferences.models.campaigns import Campaign
from preferences.models.constraints import append_only, never_emptied


class Guideline(models.Model):
    """One version of a campaign's guideline, in Markdown; a judgment stores the version it was made under."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["campaign", "version"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "version"], name="guideline_version_once"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.campaign} guideline, version {self.version}"
