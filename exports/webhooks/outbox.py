"""Turns the events that are told outside into messages, and those into deliveries.

An event is looked for by what it lacks, a message, and not by a place that was reached in the table: of transactions
that run at once one may commit late, with an earlier number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from exports.models import Export
from exports.webhooks import content
from exports.webhooks.models import Delivery, Kind, Message, Webhook
from preferences.models import Batch, BatchItem, Event
from preferences.models.events import TOLD_OUTSIDE

KINDS = {
    "batch.sealed": Kind.BATCH_SEALED,
    "batch.renewed": Kind.BATCH_SUPERSEDED,
    "export.written": Kind.EXPORT_READY,
    "export.failed": Kind.EXPORT_FAILED,
    "webhook.pinged": Kind.PING,
}
AT_ONCE = 100


@transaction.atomic
def announce() -> int:
    """How many messages were made; call until it is none. Each event becomes one, however many announce at once."""
    on = Webhook.objects.filter(off_at__isnull=True)
    since = on.aggregate(Min("since"))["since__min"]
    if since is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exports.webhooks.announce'))")
    untold = Event.objects.filter(verb__in=TOLD_OUTSIDE, at__gte=since, message__isnull=True)
    events = list(untold.order_by("at", "pk")[:AT_ONCE])
    for event in events:
        _announce(event, list(on.filter(since__lte=event.at)))
    return len(events)


def _announce(event: Event, webhooks: Sequence[Webhook]) -> None:
    kind, now = KINDS[event.verb], timezone.now()
    if kind is Kind.PING:
        told = [one for one in webhooks if event.subject == f"webhook:{one.pk}"]
        message = Message.objects.create(event=event, kind=kind, data={})
    else:
        batch, data = _about(event, kind)
        told = [one for one in webhooks if kind in one.kinds and _is_of(batch, one)]
        message = Message.objects.create(event=event, kind=kind, data=data)
    Delivery.objects.bulk_create(Delivery(webhook=one, message=message, asked_at=now, due_at=now) for one in told)


def _about(event: Event, kind: Kind) -> tuple[Batch, dict[str, Any]]:
    if kind in (Kind.BATCH_SEALED, Kind.BATCH_SUPERSEDED):
        batch = Batch.objects.get(pk=content.subject_of(event))
        told = {"batch": content.of_batch(batch)}
        return batch, told | (content.of_erasure(batch, event.data) if kind is Kind.BATCH_SUPERSEDED else {})
    export = Export.objects.select_related("batch").get(pk=content.subject_of(event))
    data = {"batch": content.of_batch(export.batch), "export": content.of_export(export, kind, event.data)}
    return export.batch, data


def _is_of(batch: Batch, webhook: Webhook) -> bool:
    """Whether the batch is the webhook's campaign's alone: who manages one campaign learns nothing of others.

    By all its versions: of the newest everything may have been erased.
    """
    if webhook.campaign_id is None:
        return True
    items = BatchItem.objects.filter(batch__name=batch.name)
    return items.exists() and not items.exclude(comparison__campaign=webhook.campaign_id).exists()
