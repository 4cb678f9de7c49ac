from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.choices import RewardStatus, Track
from preferences.lifecycle import transition_trigger
from preferences.models.constraints import append_only, never_emptied, one_of
from workers.rewards.evaluation import Counts


class RewardModel(models.Model):
    """A reward model, from the wish for it to its weights. Once it is trained, PostgreSQL lets nothing of it change.

    Whoever trains holds it by a lease that each sign of progress renews; `holder` is drawn anew each time, so that what
    comes late from a lost lease is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    track = models.CharField(max_length=20, choices=Track.choices)
    base = models.CharField(max_length=500, help_text="The folder of the chat checkpoint that it starts from.")
    datasets = models.JSONField(help_text="The export directories that it is trained on.")
    margin = models.CharField(max_length=20)
    recipe = models.JSONField(help_text="The fields of workers.rewards.recipe.Recipe.")
    location = models.CharField(max_length=500, help_text="The folder that it is written to.")
    status = models.CharField(max_length=20, choices=RewardStatus.choices, default=RewardStatus.WAITING)
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveIntegerField(default=0, help_text="Of the optimizer.")
    steps = models.PositiveIntegerField(default=0)
    loss = models.FloatField(null=True, help_text="Of the last step, in nats a pair.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    weights_sha256 = models.CharField(max_length=64, blank=True)
    report = models.JSONField(null=True, help_text="What training wrote to reward.json, without the evaluations.")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of("track", Track, name="reward_model_track"),
            one_of("status", RewardStatus, name="reward_model_status"),
            models.UniqueConstraint(fields=["location"], name="reward_model_location_once"),
            models.CheckConstraint(
                condition=Q(status=RewardStatus.TRAINING, holder__isnull=False, leased_until__isnull=False)
                | (~Q(status=RewardStatus.TRAINING) & Q(holder__isnull=True, leased_until__isnull=True)),
                name="reward_model_leased_while_training",
            ),
            models.CheckConstraint(
                condition=Q(status=RewardStatus.TRAINED, report__isnull=False, finished_at__isnull=False)
                & ~Q(weights_sha256="")
                | (~Q(status=RewardStatus.TRAINED) & Q(report__isnull=True, weights_sha256="")),
                name="reward_model_trained_with_weights",
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(RewardStatus),
            pgtrigger.Protect(
                name="trained_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status=RewardStatus.TRAINED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_track_display()} {self.short}"

    @property
    def short(self) -> str:
        """Six digits to tell it from others by on a page, in any language."""
        return f"{self.pk.int % 1_000_000:06d}"


class RewardEvaluation(models.Model):
    """A trained model on the held-out rows of one track of one batch: counts, from which every figure is computed."""

    model = models.ForeignKey(RewardModel, on_delete=models.PROTECT, related_name="evaluations")
    batch = models.CharField(max_length=140, help_text="The batch's name, with its version.")
    week = models.CharField(max_length=8)
    batch_sha256 = models.CharField(max_length=64)
    track = models.CharField(max_length=20, choices=Track.choices)
    too_long = models.PositiveIntegerField(help_text="Pairs that the model could not read whole, left out.")
    counts = models.JSONField(help_text="workers.rewards.evaluation.Counts")
    disagreements = models.JSONField(help_text="A list of workers.rewards.disagreement.Disagreement.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["week", "batch"]
        constraints = [
            one_of("track", Track, name="reward_evaluation_track"),
            models.UniqueConstraint(fields=["model", "batch_sha256", "track"], name="reward_evaluation_once"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.model} on {self.batch}"

    @property
    def counted(self) -> Counts:
        return Counts.from_json(self.counts)
