from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.choices import ResponseSource
from preferences.models.constraints import append_only, never_emptied, one_of
from preferences.models.dialogues import Turn
from preferences.models.variants import Variant


class Response(models.Model):
    """A text with its full provenance; append-only."""

    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="responses")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="responses")
    text = models.TextField()
    source = models.CharField(max_length=20, choices=ResponseSource.choices, default=ResponseSource.COLLECTED)
    system_prompt = models.TextField(blank=True)
    temperature = models.FloatField(null=True)
    top_p = models.FloatField(null=True)
    seed = models.BigIntegerField(null=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    finish_reason = models.CharField(max_length=20, blank=True)
    latency_ms = models.PositiveIntegerField(null=True)
    engine = models.CharField(max_length=40, blank=True)
    engine_version = models.CharField(max_length=120, blank=True)
    weights_hash = models.CharField(max_length=64, blank=True)
    revision = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="What the model called itself where it ran."
    )
    unconfirmed = ArrayField(
        models.CharField(max_length=40),
        null=True,
        help_text="Parameters that were asked for and that nobody can vouch for; null: the engine vouches for all.",
    )
    remarks = ArrayField(models.TextField(), null=True, help_text="What looked wrong with the answer when it came.")
    identity_leak = models.CharField(max_length=200, blank=True, help_text="The words by which it says who wrote it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # The target of the composite keys by which a comparison's responses belong to its own turn.
            models.UniqueConstraint(fields=["id", "turn"], name="response_of_turn"),
            one_of("source", ResponseSource, name="response_source"),
            models.CheckConstraint(
                condition=~Q(text="") | Q(source=ResponseSource.IMPORTED), name="response_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(source__in=[ResponseSource.IMPORTED, ResponseSource.EDITED])
                | Q(
                    temperature__isnull=False, top_p__isnull=False, seed__isnull=False, completion_tokens__isnull=False
                ),
                name="response_has_provenance",
            ),
        ]
        indexes = [models.Index(fields=["id"], include=["variant"], name="response_of_variant")]
        triggers = [append_only(erasable=["text", "identity_leak"]), never_emptied()]

    def __str__(self) -> str:
        return self.text[:60]
