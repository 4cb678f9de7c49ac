from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.choices import RiskCategory

BREAK_MINUTES = 50
MOST_BREAK_MINUTES = 240


class Care(models.Model):
    """How a person wants to be looked after at work; who has no row gets the defaults."""

    annotator = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="care")
    opted_out = ArrayField(
        models.CharField(max_length=40, choices=RiskCategory.choices),
        default=list,
        blank=True,
        help_text="Risk categories that the queue never gives to this person.",
    )
    veil = models.BooleanField(default=True, help_text="Whether texts of safety work are blurred until revealed.")
    break_minutes = models.PositiveSmallIntegerField(default=BREAK_MINUTES, help_text="0 for no reminder.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opted_out__contained_by=RiskCategory.values), name="care_opted_out_of_risk_categories"
            ),
            models.CheckConstraint(condition=Q(break_minutes__lte=MOST_BREAK_MINUTES), name="care_break_minutes"),
        ]

    def __str__(self) -> str:
        return f"Care of {self.annotator}"
