from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.models.constraints import never_emptied
from workers.models.rewards import RewardModel


class ScoringOrder(models.Model):
    """Answers that somebody wants scored by a reward model. Their words go as soon as it is over: the scores stay.

    A worker holds it by a lease; `holder` is drawn anew at each claim, so that what comes late is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(RewardModel, on_delete=models.PROTECT, related_name="scoring_orders")
    items = models.JSONField(null=True, help_text="Of each its messages and response; null once it is over.")
    scores = models.JSONField(null=True, help_text="The reward model's, in the order of the items.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why there are none.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(holder__isnull=True, leased_until__isnull=True)
                | Q(holder__isnull=False, leased_until__isnull=False),
                name="scoring_order_leased_while_held",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, items__isnull=False, scores__isnull=True, problem="")
                | Q(finished_at__isnull=False, items__isnull=True, holder__isnull=True)
                & (Q(scores__isnull=False, problem="") | Q(scores__isnull=True) & ~Q(problem="")),
                name="scoring_order_over_with_scores_or_a_problem",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(finished_at__isnull=True), name="scoring_order_unfinished"
            )
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
        return f"Scores by {self.model}"
