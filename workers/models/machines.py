from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.models import Variant
from workers.models.rewards import RewardModel


class Worker(models.Model):
    """A worker process, as it told of itself last; it tells every few seconds (workers/presence.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, help_text="Celery's, such as gpu0@host.")
    host = models.CharField(max_length=200)
    process_id = models.PositiveIntegerField()
    queues = ArrayField(models.CharField(max_length=60), help_text="The Celery queues that it listens to.")
    device = models.CharField(max_length=120, blank=True, help_text="Empty until it has loaded a model.")
    memory_used = models.PositiveBigIntegerField(null=True, help_text="Of the GPU, by whomever, in bytes.")
    memory_total = models.PositiveBigIntegerField(null=True, help_text="Of the GPU, in bytes.")
    loaded = ArrayField(models.BigIntegerField(), default=list, help_text="Variants whose models it holds.")
    task = models.CharField(max_length=120, blank=True, help_text="Celery's name of what it does; empty: nothing.")
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, related_name="+", help_text="What it samples from."
    )
    runs = models.PositiveIntegerField(default=0, help_text="How many responses it samples together.")
    reward_model = models.ForeignKey(
        RewardModel, on_delete=models.PROTECT, null=True, related_name="+", help_text="What it trains."
    )
    since = models.DateTimeField(help_text="When it began what it does, or had nothing more to do.")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["host", "name", "process_id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(variant__isnull=True, runs=0) | Q(variant__isnull=False, runs__gte=1))
                & (Q(variant__isnull=True) | Q(reward_model__isnull=True)),
                name="worker_does_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(memory_used__isnull=True, memory_total__isnull=True)
                | Q(memory_used__isnull=False, memory_total__isnull=False),
                name="worker_memory_used_of_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.process_id})"
