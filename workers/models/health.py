from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.models import Variant
from preferences.models.constraints import never_emptied


class HealthCheck(models.Model):
    """What a variant's own worker found when it loaded and probed it. Once it is finished, nothing of it changes.

    A worker holds it by a lease; `holder` is drawn anew at each claim, so that what comes late is refused.
    """

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="health_checks")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    usable = models.BooleanField(null=True)
    problems = ArrayField(models.TextField(), default=list, help_text="Why it cannot serve.")
    warnings = ArrayField(models.TextField(), default=list, help_text="What it does not promise.")
    sample = models.TextField(blank=True, help_text="An answer at temperature 1.")
    seconds = models.FloatField(null=True, help_text="Loading included.")
    engine_version = models.CharField(max_length=200, blank=True)
    weights_hash = models.CharField(max_length=64, blank=True)
    revision = models.CharField(max_length=200, blank=True)
    context_tokens = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant"], condition=Q(finished_at__isnull=True), name="health_check_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True, leased_until__isnull=True)
                | Q(holder__isnull=False, leased_until__isnull=False, started_at__isnull=False),
                name="health_check_leased_while_held",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, usable__isnull=True)
                | Q(finished_at__isnull=False, usable__isnull=False, holder__isnull=True),
                name="health_check_finished_with_a_verdict",
            ),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.Protect(
                name="finished_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Health check of {self.variant}"
