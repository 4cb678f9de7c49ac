from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.choices import Chosen, Degree
from preferences.models import Comparison
from preferences.models.constraints import one_of, safety_scores


class Gold(models.Model):
    """The known verdict of a hidden comparison, by which annotators are measured."""

    comparison = models.OneToOneField(Comparison, on_delete=models.PROTECT, related_name="gold")
    original = models.ForeignKey(
        Comparison,
        on_delete=models.PROTECT,
        related_name="golds",
        help_text="The collected pair of which it is a copy: who judged that one would know it again.",
    )
    chosen = models.CharField(max_length=10, choices=Chosen.choices)
    degree = models.CharField(max_length=30, choices=Degree.choices, blank=True)
    safety_a = models.PositiveSmallIntegerField(null=True)
    safety_b = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField(help_text="Why this is the verdict: for reviewers, and for who is told after a mistake.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, help_text="From then on nobody gets it any more.")

    class Meta:
        constraints = [
            one_of("chosen", Chosen, name="gold_chosen"),
            one_of("degree", Degree, name="gold_degree", blank=True),
            models.UniqueConstraint(fields=["original"], condition=Q(retired_at__isnull=True), name="gold_once"),
            safety_scores("gold_safety_scores"),
            models.CheckConstraint(condition=~Q(chosen=Chosen.NEITHER), name="gold_has_a_verdict"),
        ]

    def __str__(self) -> str:
        return f"Gold {self.pk}"


class Repeat(models.Model):
    """A pair that one annotator is shown again, with its sides swapped, to see whether they agree with themselves."""

    comparison = models.OneToOneField(Comparison, on_delete=models.PROTECT, related_name="repeat")
    original = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="repeats")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="repeats")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["original", "annotator"], name="repeat_once")]

    def __str__(self) -> str:
        return f"Repeat {self.pk}"
