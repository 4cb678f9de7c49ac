from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.choices import Split
from preferences.models.comparisons import Comparison
from preferences.models.constraints import append_only, erased_whole, never_emptied, one_of
from preferences.models.dialogues import Dialogue
from preferences.models.erasures import Erasure


class HoldoutGroup(models.Model):
    """Which side of the split a user message is on, in every dialogue that has it, across all batches, forever.

    The side stands here and nowhere else, so that no message can be on both. Of a dialogue there is one for each
    message that tells what is asked by itself (preferences.held_out); the first is the group of its comparisons.
    """

    family = models.CharField(max_length=64, primary_key=True)
    split = models.CharField(max_length=10, choices=Split.choices)
    sketch = models.BinaryField(
        default=bytes, help_text="MinHash keys (preferences.near_duplicates), each in eight bytes, little-endian."
    )
    dialogue = models.ForeignKey(
        Dialogue,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Where the message was when its side was drawn, to read it there; none where it is from elsewhere.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [one_of("split", Split, name="holdout_split")]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.family[:12]} in {self.split}"


class FollowUp(models.Model):
    """A side on which a later message stands that tells nothing by itself, as "Go on." does; it may stand on both.

    It decides nothing there. Where a later dialogue begins with it, it is what is asked, and that side has had it.
    """

    family = models.CharField(max_length=64)
    split = models.CharField(max_length=10, choices=Split.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["family", "split"], name="follow_up_once"),
            one_of("split", Split, name="follow_up_split"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.family[:12]} later in {self.split}"


class Batch(models.Model):
    """An ISO week of finished comparisons, sealed: immutable and content-hashed.

    The items are written before the batch (the keys are checked at commit); once the batch stands, PostgreSQL takes
    no further item for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    week = models.CharField(max_length=8, help_text="ISO week, for example 2026-W48.")
    seed = models.CharField(max_length=120, help_text="Seed of the hash that draws the held-out groups.")
    sha256 = models.CharField(max_length=64, help_text="Merkle root over the items' hashes, in order.")
    made_of = models.JSONField(
        default=dict,
        db_default={},
        help_text="Variants with the hashes of their weights, guidelines, code version: preferences.origins.",
    )
    tokenizer = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="Whose tokens its statistics count; empty: words.",
    )
    tokenizer_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    languages = models.JSONField(default=list, db_default=[], help_text="Of its dialogues, as BCP 47 tags.")
    licences = models.JSONField(
        default=list, db_default=[], help_text="What its data may be used under, as Hugging Face spells them."
    )
    sealed_at = models.DateTimeField(help_text="Of its first version: how things stood then is what it holds.")
    erasure = models.ForeignKey(
        Erasure, on_delete=models.PROTECT, null=True, related_name="batches", help_text="What made a later version."
    )
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sealed_at", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="batch_version_once"),
            models.CheckConstraint(
                condition=Q(tokenizer="", tokenizer_sha256="") | (~Q(tokenizer="") & ~Q(tokenizer_sha256="")),
                name="batch_tokenizer_with_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(version=1, erasure__isnull=True) | Q(version__gt=1, erasure__isnull=False),
                name="batch_version_by_an_erasure",
            ),
            models.CheckConstraint(condition=Q(week__regex=r"^\d{4}-W\d{2}$"), name="batch_iso_week"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return self.name if self.version == 1 else f"{self.name} version {self.version}"


class BatchItem(models.Model):
    """One comparison of a batch; its split is its group's. Without a group it is on neither side."""

    # Found by the batch's place; nobody asks for the items of a group, and an index costs as much as the row.
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, db_index=False, related_name="items")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="batch_items")
    group = models.ForeignKey(
        HoldoutGroup,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="items",
        help_text="None: its dialogue is near prompts of both sides, so that no file of either may have it.",
    )
    place = models.PositiveIntegerField(help_text="Order within the batch, from 0.")
    sha256 = models.CharField(max_length=64, help_text="Hash of the comparison's canonical row.")

    class Meta:
        ordering = ["batch", "place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "comparison"], name="batch_item_once"),
            models.UniqueConstraint(fields=["batch", "place"], name="batch_item_place"),
        ]
        triggers = [
            never_emptied(),
            append_only(),
            pgtrigger.Trigger(
                name="closed_once_sealed",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]  # pgtrigger leaves it so
                func="""
                    IF EXISTS (SELECT 1 FROM preferences_batch WHERE id IN (SELECT batch_id FROM added)) THEN
                        RAISE EXCEPTION 'batch % is sealed', (SELECT batch_id FROM added LIMIT 1);
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Item {self.place} of batch {self.batch_id}"


class SealedRows(models.Model):
    """Consecutive rows of one side of a batch as they were hashed, so that what is exported is what was sealed."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    split = models.CharField(max_length=10, choices=Split.choices)
    number = models.PositiveIntegerField(help_text="Order within the side, from 0.")
    places = ArrayField(models.PositiveIntegerField(), help_text="Of the items, in order.")
    data = models.BinaryField(help_text="Canonical JSON, a line an item, as zstd.")

    class Meta:
        ordering = ["batch", "split", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "split", "number"], name="sealed_rows_once"),
            one_of("split", Split, name="sealed_rows_split"),
        ]
        triggers = [erased_whole(), never_emptied()]

    def __str__(self) -> str:
        return f"Rows {self.number} of {self.split} of batch {self.batch_id}"
