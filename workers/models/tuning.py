from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from preferences.choices import TuningSetKind
from preferences.models.constraints import append_only, never_emptied, one_of


class TuningSet(models.Model):
    """A directory of rows for supervised fine-tuning that was made by sampling: where it lies, and its manifest's hash.

    The later rounds of the same campaigns find their candidates by it.
    """

    kind = models.CharField(max_length=20, choices=TuningSetKind.choices)
    location = models.CharField(max_length=500, unique=True)
    campaigns = ArrayField(models.SlugField(max_length=80), help_text="Whose prompts; empty: those of a file.")
    manifest_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(help_text="To train on.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [one_of("kind", TuningSetKind, name="tuning_set_kind")]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.location}"
