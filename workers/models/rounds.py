from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from preferences.models import Campaign, Variant
from preferences.models.constraints import never_emptied


class Round(models.Model):
    """One turn of a campaign's loop: a new variant is sampled against those before it, until the next one opens.

    What belongs to it is what happened while it was open: comparisons by when they were opened, batches by when they
    were sealed. Llama 2's are RLHF-V1 to V5 (section 3.2.3).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    new = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="rounds", help_text="What is tried in it.")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="round_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(closed_at__isnull=True), name="round_one_open_a_campaign"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & (Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at"))),
                name="round_closed_after_opened",
            ),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.ReadOnly(name="opening_stays", fields=["campaign", "number", "new", "opened_by", "opened_at"]),
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Round {self.number} of {self.campaign}"
