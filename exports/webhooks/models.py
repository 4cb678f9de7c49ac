"""Who is told of batches and exports, what there is to tell, and what became of telling it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from preferences.choices import DeliveryStatus
from preferences.lifecycle import transition_trigger
from preferences.models import Campaign, Event
from preferences.models.constraints import append_only, never_emptied, one_of
from preferences.outbound import URL_LIMIT


class Kind(models.TextChoices):
    """Of a message: what it tells of."""

    BATCH_SEALED = "batch.sealed", _("A batch was sealed")
    BATCH_SUPERSEDED = "batch.superseded", _("A batch has a new version, without what was erased")
    EXPORT_READY = "export.ready", _("An export is ready")
    EXPORT_FAILED = "export.failed", _("An export failed")
    PING = "ping", _("Ping")


CHOSEN = [kind for kind in Kind if kind is not Kind.PING]  # a ping is sent to whom it was asked for


class OffReason(models.TextChoices):
    MANAGER = "manager", _("A manager turned it off.")
    GONE = "gone", _("The receiver answered 410 Gone: it wants no more.")
    FAILING = "failing", _("Nothing was delivered for three days, whatever was tried.")


class Failure(models.TextChoices):
    """Why an attempt has no answer; the first of them are those of preferences.outbound.Refusal."""

    UNREADABLE = "unreadable", _("This is no URL that every program reads alike.")
    SCHEME = "scheme", _("A webhook's URL begins with https://.")
    CREDENTIALS = "credentials", _("A URL with a name or a password in it is not accepted.")
    HOST = "host", _("The URL's host is neither a name nor an address in its usual form.")
    PORT = "port", _("A webhook is sent to port 443, or to one from 1024 up.")
    UNKNOWN = "unknown", _("No address is known for the URL's host.")
    PRIVATE = "private", _("The URL's host has an address that is not on the public internet.")
    PLAIN = "plain", _("Without TLS nothing is sent: write https://.")
    CONNECTION = "connection", _("No connection could be made.")
    TLS = "tls", _("The receiver's certificate is not valid for this host, or TLS failed otherwise.")
    TIME = "time", _("The receiver did not answer within 10 seconds.")
    BROKEN = "broken", _("The connection broke, or what came back is not HTTP.")
    SECRET = "secret", _("The secret cannot be read: SECRET_KEY was changed. Make a new secret.")


class Webhook(models.Model):
    """An address that is told; of one campaign, or of all where `campaign` is null."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="webhooks")
    url = models.CharField(max_length=URL_LIMIT)
    site = models.CharField(max_length=300, help_text="How Margin is reached, before the path: https://margin.example.")
    kinds = ArrayField(models.CharField(max_length=20, choices=[(kind.value, kind.label) for kind in CHOSEN]))
    since = models.DateTimeField(help_text="What happened before is not told.")
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=20, choices=OffReason.choices, blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kinds__contained_by=[kind.value for kind in CHOSEN]) & ~Q(kinds=[]), name="webhook_kinds"
            ),
            one_of("off_reason", OffReason, name="webhook_off_reason", blank=True),
            models.CheckConstraint(
                condition=Q(off_at__isnull=True, off_reason="") | Q(off_at__isnull=False) & ~Q(off_reason=""),
                name="webhook_off_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Webhook {self.pk}"

    @property
    def is_on(self) -> bool:
        return self.off_at is None


class WebhookSecret(models.Model):
    """What a webhook's messages are signed with, encrypted; the one before is good for another day."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="secrets")
    encrypted = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook"], condition=Q(ends_at=None), name="webhook_has_one_secret")
        ]

    def __str__(self) -> str:
        return f"Secret of {self.webhook}"


class Message(models.Model):
    """An event that is told outside, as it is told to everybody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="message")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    data = models.JSONField(help_text="Addresses in it are paths.")

    class Meta:
        constraints = [one_of("kind", Kind, name="message_kind")]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Delivery(models.Model):
    """A message on its way to a webhook: due now or later, held by who is sending it, delivered, or given up."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(max_length=20, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    asked_at = models.DateTimeField(help_text="When it was last asked for; attempts before do not count.")
    due_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "message"], name="delivery_once"),
            one_of("status", DeliveryStatus, name="delivery_status"),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.WAITING, due_at__isnull=False)
                | ~Q(status=DeliveryStatus.WAITING) & Q(due_at__isnull=True, leased_until__isnull=True),
                name="delivery_due_while_waiting",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status=DeliveryStatus.WAITING), name="delivery_due")]
        triggers = [transition_trigger(DeliveryStatus), never_emptied()]

    def __str__(self) -> str:
        return f"{self.message} to {self.webhook}"


class Attempt(models.Model):
    """One try to deliver: what the receiver answered, or why it did not."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    code = models.PositiveSmallIntegerField(null=True, help_text="Status of HTTP.")
    failure = models.CharField(max_length=20, choices=Failure.choices, blank=True, default="")
    answer = models.TextField(blank=True, help_text="How the receiver's answer begins.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            one_of("failure", Failure, name="attempt_failure", blank=True),
            models.CheckConstraint(
                condition=Q(code__isnull=False, failure="") | Q(code__isnull=True, answer="") & ~Q(failure=""),
                name="attempt_answered_or_failed",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Attempt at {self.delivery}"

    @property
    def is_success(self) -> bool:
        return self.code is not None and 200 <= self.code < 300
