from __future__ import annotations

from django.db import models
from django.db.models import Q

from preferences.models import Campaign


class SealingRule(models.Model):
    """What must hold before a week of a campaign is sealed; without one a manager seals what is finished."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="sealing_rule")
    least = models.PositiveIntegerField(default=1, help_text="Comparisons that the batch must have.")
    agreement = models.FloatField(
        null=True, blank=True, help_text="What the lower limit of the week's AC2 must reach; empty: any."
    )
    reviewed_flags = models.BooleanField(default=True, help_text="Whether what somebody flagged must be reviewed.")
    by_the_clock = models.BooleanField(
        default=False, help_text="Whether a week is sealed by itself once it is over and nothing holds it back."
    )

    language = models.CharField(
        max_length=35, blank=True, default="", db_default="", help_text="Of the dialogues, as a BCP 47 tag such as en."
    )
    licence = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="What the batches may be used under, as Hugging Face spells it, such as cc-by-4.0.",
    )
    tokenizer = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="Whose tokens a batch's statistics count, a name of preferences.tokenizers; empty: words.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(least__gte=1) & (Q(agreement__isnull=True) | Q(agreement__range=(0, 1))),
                name="sealing_rule_ranges",
            )
        ]

    def __str__(self) -> str:
        return f"Sealing rule of {self.campaign}"
