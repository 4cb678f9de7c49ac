from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.models import Batch, Campaign


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


class SealingOrder(models.Model):
    """A week that a manager wants sealed and that is too large for a page to wait for; open until either outcome."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sealing_orders")
    week = models.CharField(max_length=8)
    anyway = models.CharField(max_length=1000, blank=True, help_text="Why, where the rule holds it back.")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(auto_now_add=True)
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, null=True, related_name="order")
    refused = models.TextField(blank=True, help_text="Why nothing was sealed.")

    class Meta:
        ordering = ["-ordered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(refused=""), name="sealing_order_has_one_outcome"
            ),
            models.UniqueConstraint(
                fields=["campaign", "week"],
                condition=Q(batch__isnull=True, refused=""),
                name="sealing_order_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Order to seal {self.week} of {self.campaign}"
