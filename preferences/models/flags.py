from __future__ import annotations

from django.conf import settings
from django.db import models

from preferences.choices import FlagReason
from preferences.models.comparisons import Comparison
from preferences.models.constraints import append_only, never_emptied, one_of


class Flag(models.Model):
    """An annotator's word to the reviewers about a comparison; append-only."""

    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="flags")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="flags")
    reason = models.CharField(max_length=30, choices=FlagReason.choices)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("reason", FlagReason, name="flag_reason"),
            models.UniqueConstraint(fields=["comparison", "annotator", "reason"], name="flag_once_per_reason"),
        ]
        triggers = [append_only(erasable=["note"]), never_emptied()]

    def __str__(self) -> str:
        return f"Flag {self.pk} on comparison {self.comparison_id}"
