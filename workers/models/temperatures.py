from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from preferences.choices import SweepStatus
from preferences.lifecycle import transition_trigger
from preferences.models import Campaign, Variant
from preferences.models.constraints import append_only, never_emptied, one_of
from preferences.models.variants import MOST_TEMPERATURE
from workers.models.rewards import RewardModel
from workers.models.rounds import Round

MOST_ANSWERS = 100
MOST_PROMPTS = 1000
MOST_POINTS = 50


class TemperatureSweep(models.Model):
    """A variant sampled at each temperature of a grid and scored by a reward model (Llama 2, section 3.2.3, Figure 8).

    Whoever measures holds it by a lease that each sign of progress renews; `holder` is drawn anew each time, so that
    what comes late from a lost lease is refused. What it chose is written once and stays.
    """

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="temperature_sweeps")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="temperature_sweeps", help_text="Whose prompts and plan."
    )
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="temperature_sweeps")
    reward_model = models.ForeignKey(RewardModel, on_delete=models.PROTECT, related_name="temperature_sweeps")
    grid = ArrayField(models.FloatField(), help_text="The temperatures, rising.")
    answers = models.PositiveSmallIntegerField(help_text="K: sampled to each prompt at each temperature.")
    best_of = models.PositiveSmallIntegerField(help_text="N: the best of so many answers is to be as good as can be.")
    top_p = models.FloatField(default=1.0)
    prompts = ArrayField(models.BigIntegerField(), help_text="The campaign's prompts that were drawn.")
    seed = models.BigIntegerField(help_text="Of the draw of the prompts, and of every answer's own seed.")
    status = models.CharField(max_length=20, choices=SweepStatus.choices, default=SweepStatus.WAITING)
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0, help_text="Answers of the temperature that is being sampled.")
    temperature = models.FloatField(null=True, help_text="T*: what it chose.")
    low = models.FloatField(null=True, help_text="Its 95% interval; null from a single prompt.")
    high = models.FloatField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            one_of("status", SweepStatus, name="temperature_sweep_status"),
            models.CheckConstraint(
                condition=Q(status=SweepStatus.RUNNING, holder__isnull=False, leased_until__isnull=False)
                | (~Q(status=SweepStatus.RUNNING) & Q(holder__isnull=True, leased_until__isnull=True)),
                name="temperature_sweep_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(status=SweepStatus.DONE, temperature__isnull=False, finished_at__isnull=False)
                | (~Q(status=SweepStatus.DONE) & Q(temperature__isnull=True, low__isnull=True, high__isnull=True)),
                name="temperature_sweep_done_with_temperature",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True)
                | Q(low__isnull=False, high__isnull=False, high__gte=F("low")),
                name="temperature_sweep_interval",
            ),
            models.CheckConstraint(
                condition=Q(answers__range=(1, MOST_ANSWERS), best_of__range=(1, F("answers")))
                & Q(grid__len__range=(1, MOST_POINTS), prompts__len__range=(1, MOST_PROMPTS))
                & Q(top_p__gt=0, top_p__lte=1),
                name="temperature_sweep_sizes",
            ),
            models.UniqueConstraint(
                fields=["variant", "campaign"],
                condition=Q(status__in=[SweepStatus.WAITING, SweepStatus.RUNNING]),
                name="temperature_sweep_one_at_a_time",
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(SweepStatus),
            pgtrigger.Protect(
                name="done_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status=SweepStatus.DONE),
            ),
        ]

    def __str__(self) -> str:
        return f"Temperatures of {self.variant}, {self.pk}"


class SweptTemperature(models.Model):
    """What was found at one temperature of a sweep."""

    sweep = models.ForeignKey(TemperatureSweep, on_delete=models.PROTECT, related_name="swept")
    temperature = models.FloatField()
    rewards = models.JSONField(
        help_text="K rewards, 0 to 1, of each of the sweep's prompts; null: an answer could not be had or read."
    )
    lengths = models.JSONField(help_text="Tokens of the same answers.")
    cut_off = models.PositiveIntegerField(help_text="Answers that came to no end within the variant's limit.")
    self_bleu = models.JSONField(help_text="Self-BLEU of each creative and of each factual prompt, by kind.")
    remarks = models.JSONField(help_text="Sentences on what looked wrong, each once.")
    weights_hash = models.CharField(max_length=64, blank=True, help_text="Of the variant as it was sampled.")
    engine_version = models.CharField(max_length=120, blank=True)
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["temperature"]
        constraints = [
            models.UniqueConstraint(fields=["sweep", "temperature"], name="swept_temperature_once"),
            models.CheckConstraint(
                condition=Q(temperature__gt=0, temperature__lte=MOST_TEMPERATURE) & Q(seconds__gte=0),
                name="swept_temperature_ranges",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.sweep}: {self.temperature:g}"
