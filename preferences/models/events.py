from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from preferences.models.campaigns import Campaign
from preferences.models.constraints import append_only, never_emptied

TOLD_OUTSIDE = ("batch.renewed", "batch.sealed", "export.failed", "export.written", "webhook.pinged")
SHA256 = "^[0-9a-f]{64}$"


class Event(models.Model):
    """What was done, to what, by whom and from where; written in the transaction that did it, never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="events")
    verb = models.CharField(max_length=60, help_text="noun.past_participle, for example judgment.recorded")
    subject = models.CharField(max_length=80, db_index=True, help_text="noun:id")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="events")
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    door = models.CharField(max_length=100, blank=True, default="", db_default="", help_text="preferences.origin")
    through = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="token:id or session:digest, if it was one."
    )
    address = models.CharField(
        max_length=50, blank=True, default="", db_default="", help_text="The client's network, not its address."
    )
    salt = models.UUIDField(
        null=True, default=uuid.uuid4, help_text="Hashed with what an erasure may take out, and taken out with it."
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            # The few that are told outside are looked for every few seconds (exports/webhooks/outbox.py).
            models.Index(fields=["at"], condition=models.Q(verb__in=TOLD_OUTSIDE), name="event_told_outside"),
            # For what is rarely done, by its verb or the noun that this begins with.
            models.Index(fields=["verb"], opclasses=["varchar_pattern_ops"], name="event_verb"),
        ]
        triggers = [
            append_only(erasable=["data", "address", "salt"]),
            never_emptied(),
            pgtrigger.Trigger(
                name="waits_for_the_chain",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]  # pgtrigger leaves it so
                func="INSERT INTO preferences_unchainedevent (event_id) SELECT id FROM added; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class UnchainedEvent(models.Model):
    """That an event is in no block yet. PostgreSQL writes it with the event, so that it is seen when the event is.

    Numbers of events are no order in which they can be taken: of transactions that run at once one commits late.
    """

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"Event {self.event_id}, in no block yet"


class EventBlock(models.Model):
    """A link of the chain over events: some that were committed, hashed, with the hash of the link before."""

    number = models.PositiveIntegerField(primary_key=True, help_text="From 1, without a gap.")
    events = ArrayField(models.BigIntegerField(), help_text="Their keys, ascending.")
    digests = models.BinaryField(help_text="64 bytes for each: of what may be erased, then of the event as a whole.")
    previous = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(events__len__gt=0), name="event_block_of_events"),
            models.CheckConstraint(
                condition=models.Q(previous__regex=SHA256, sha256__regex=SHA256), name="event_block_hashes"
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Block {self.number} of {len(self.events)} events"
