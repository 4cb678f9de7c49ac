from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from exports.webhooks.models import Attempt as Attempt
from exports.webhooks.models import Delivery as Delivery
from exports.webhooks.models import Message as Message
from exports.webhooks.models import Webhook as Webhook
from exports.webhooks.models import WebhookSecret as WebhookSecret
from preferences.choices import ExportStatus, Track
from preferences.lifecycle import transition_trigger
from preferences.models import Batch
from preferences.models.constraints import append_only, never_emptied, one_of


class Export(models.Model):
    """A sealed batch written in one format. Same batch, format, margin and mix: same bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=40)
    margin = models.CharField(max_length=200, help_text="As preferences.margins.canonical spells it.")
    mix = models.CharField(
        max_length=20,
        choices=Track.choices,
        blank=True,
        default="",
        db_default="",
        help_text="Empty: all of it.",
    )
    public = models.JSONField(default=list, help_text="Public sets beside it: fields of exports.public_sets.PublicSet.")
    stop = models.BooleanField(
        default=False, db_default=False, help_text="Whether it fails at an entry of a public set that cannot be read."
    )
    status = models.CharField(max_length=20, choices=ExportStatus.choices, default=ExportStatus.PENDING)
    path = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField(null=True)
    manifest = models.TextField(blank=True, default="", help_text="manifest.json to the byte, once it was written.")
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            one_of("status", ExportStatus, name="export_status"),
            one_of("mix", Track, name="export_mix", blank=True),
            models.CheckConstraint(condition=~Q(mix="") | Q(public=[]), name="export_public_sets_in_a_mix"),
            models.CheckConstraint(
                condition=~Q(status=ExportStatus.READY) | (~Q(path="") & ~Q(manifest_sha256="")),
                name="export_ready_with_files",
            ),
        ]
        triggers = [transition_trigger(ExportStatus), never_emptied()]

    def __str__(self) -> str:
        return f"{self.batch} as {self.format}"


class BatchStatistics(models.Model):
    """What a sealed batch holds, counted once (exports.batch_statistics)."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="statistics")
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Statistics of {self.batch}"
