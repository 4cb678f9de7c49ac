from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from preferences.choices import VariantStatus
from preferences.lifecycle import transition_trigger
from preferences.models.campaigns import Campaign
from preferences.models.constraints import never_emptied, one_of

MOST_TEMPERATURE = 10.0
MOST_WEIGHT = 1e6
MOST_TOKENS = 10_000_000
MOST_BATCH = 4_096


def _once_known(field: str) -> pgtrigger.Q:
    """That a field which was not empty is changed."""
    return pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}) & ~pgtrigger.Q(**{f"old__{field}": ""})


class Variant(models.Model):
    """A model as it can be sampled. Its name is never shown to an annotator."""

    name = models.CharField(max_length=120, unique=True)
    iteration = models.CharField(max_length=60, blank=True, help_text="For example RLHF-V3.")
    engine = models.CharField(max_length=40, help_text="A name in workers.engines.ENGINES, or “imported”.")
    location = models.CharField(max_length=500, blank=True)
    revision = models.CharField(max_length=120, blank=True)
    weights_hash = models.CharField(max_length=64, blank=True)
    chat_template = models.TextField(
        blank=True, default="", db_default="", help_text="Jinja that takes the place of the model's own."
    )
    system_prompt = models.TextField(blank=True)
    context_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="What it can hold, prompt and response together; empty: what its engine says."
    )
    max_prompt_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="The longest dialogue that it is asked to continue, in tokens."
    )
    max_tokens = models.PositiveIntegerField(default=256, help_text="The longest response, in tokens.")
    batch_size = models.PositiveSmallIntegerField(
        default=32, db_default=32, help_text="How many requests a worker takes for it at once."
    )
    queue = models.SlugField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text="“big” has it sampled by the workers of the Celery queue sample.big; empty: by those of sample.",
    )
    status = models.CharField(max_length=20, choices=VariantStatus.choices, default=VariantStatus.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("status", VariantStatus, name="variant_status"),
            models.CheckConstraint(condition=Q(max_tokens__gte=1), name="variant_max_tokens_positive"),
            models.CheckConstraint(condition=Q(batch_size__gte=1), name="variant_batch_size_positive"),
            models.CheckConstraint(
                condition=(Q(context_tokens__isnull=True) | Q(context_tokens__gte=1))
                & (Q(max_prompt_tokens__isnull=True) | Q(max_prompt_tokens__gte=1)),
                name="variant_lengths_positive",
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(VariantStatus),
            # What an answer is said to come from. Another model, or another system prompt, is another variant.
            pgtrigger.ReadOnly(
                name="identity_stays",
                fields=["name", "iteration", "engine", "location", "chat_template", "system_prompt"],
            ),
            pgtrigger.Protect(
                name="weights_stay",
                operation=pgtrigger.Update,
                condition=_once_known("weights_hash") | _once_known("revision"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def longest_prompt(self) -> int | None:
        """In tokens: what was set, and what the context leaves beside the longest response; None leaves it to the
        engine.
        """
        room = None if self.context_tokens is None else max(self.context_tokens - self.max_tokens, 1)
        return min((limit for limit in (self.max_prompt_tokens, room) if limit is not None), default=None)


class SamplingPair(models.Model):
    """One line of a campaign's sampling plan: two different variants, each at its own temperature."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sampling_plan")
    first = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    first_temperature = models.FloatField()
    second = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    second_temperature = models.FloatField()
    top_p = models.FloatField(default=1.0)
    weight = models.FloatField(default=1.0)
    tuned = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether its temperatures follow the campaign's sweeps.",
    )
    paused = models.BooleanField(default=False, db_default=False, help_text="Nothing is sampled by it for now.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="sampling_pair_two_variants"),
            models.CheckConstraint(
                # The upper ends also keep out infinity and NaN, which PostgreSQL holds for the largest number.
                condition=Q(
                    first_temperature__range=(0, MOST_TEMPERATURE), second_temperature__range=(0, MOST_TEMPERATURE)
                )
                & Q(top_p__gt=0, top_p__lte=1, weight__gt=0, weight__lte=MOST_WEIGHT),
                name="sampling_pair_ranges",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} at {self.first_temperature} against {self.second} at {self.second_temperature}"
