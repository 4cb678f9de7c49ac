from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.models.constraints import append_only, never_emptied
from preferences.models.prompts import Prompt


class EvaluationSet(models.Model):
    """A test that models are measured on, which nobody should write into training data.

    Its texts are not kept: of them stand here their number, and hashes of their runs of eleven tokens.
    """

    name = models.CharField(max_length=120)
    licence = models.CharField(max_length=120, blank=True, help_text="What its publisher gave it; not ours to give.")
    samples = models.PositiveIntegerField()
    tokens = models.PositiveBigIntegerField()
    registered_at = models.DateTimeField(auto_now_add=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True, help_text="Since when it warns nobody, and its hashes are gone.")
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(retired_at=None), name="evaluation_set_once"),
            models.CheckConstraint(condition=~Q(name=""), name="evaluation_set_named"),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationRuns(models.Model):
    """Hashes of runs of tokens that stand in an evaluation set (preferences.runs), those that begin alike in one row.

    A row for each hash would take seven times the room, and a minute to check that each is of a set.
    """

    pk = models.CompositePrimaryKey("beginning", "evaluation_set")
    beginning = models.SmallIntegerField(help_text="The upper sixteen bits of the hashes.")
    evaluation_set = models.ForeignKey(EvaluationSet, on_delete=models.PROTECT, related_name="runs", db_index=False)
    hashes = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{len(self.hashes)} runs of set {self.evaluation_set_id}"


class Overlap(models.Model):
    """That what a person wrote had a run of an evaluation set in it when it was stored."""

    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="overlaps")
    evaluation_set = models.ForeignKey(EvaluationSet, on_delete=models.PROTECT, related_name="overlaps")
    share = models.FloatField(help_text="Of the tokens that were written, those in such runs.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "evaluation_set"], name="overlap_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="overlap_share"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.share:.0%} of prompt {self.prompt_id} in set {self.evaluation_set_id}"
