"""Sends what is due: each delivery by one worker at a time, in threads of which none touches the database."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from exports.locks import alone
from exports.webhooks import actions, content, signing
from exports.webhooks.models import Attempt, Delivery, Failure, OffReason, Webhook, WebhookSecret
from exports.webhooks.posting import Answer, post
from preferences import lifecycle
from preferences.actions import events
from preferences.choices import DeliveryStatus

# Between one attempt and the next, each stretched or shortened by up to a fifth: in all about 21 hours.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
JITTER = 0.2
LEASE = timedelta(seconds=60)  # well above what one POST may take, the looking up of its name included
FAILING_FOR = timedelta(days=3)
AT_ONCE = 20
TURN_SECONDS = 10.0  # then others have their turn at the worker, and what is left is sent in the next
GONE = 410


def deliver_due() -> None:
    """Sends what is due now, at most one to a webhook at a time; leaves at once where another worker is doing so."""
    with alone("exports.webhooks.deliver") as is_alone:  # one slow receiver keeps one worker busy, not all of them
        ends = time.monotonic() + TURN_SECONDS
        while is_alone and time.monotonic() < ends and (claimed := claim()):
            _send(claimed)


@transaction.atomic
def claim() -> list[Delivery]:
    """The oldest due delivery of each webhook of which none is being sent, leased to the caller."""
    now = timezone.now()
    waiting = Delivery.objects.filter(webhook=OuterRef("pk"), status=DeliveryStatus.WAITING)
    on = Webhook.objects.filter(
        Exists(waiting.filter(due_at__lte=now)), ~Exists(waiting.filter(leased_until__gt=now)), off_at__isnull=True
    )
    locked = on.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:AT_ONCE]
    claimed = []
    for webhook in list(locked):
        due = webhook.deliveries.filter(status=DeliveryStatus.WAITING, due_at__lte=now).order_by("due_at", "pk")
        # Who held the webhook's lock before may have taken one meanwhile.
        if (one := due.first()) and not webhook.deliveries.filter(leased_until__gt=now).exists():
            one.leased_until = now + LEASE
            one.save(update_fields=["leased_until"])
            claimed.append(one)
    return claimed


@transaction.atomic
def record(*, delivery: Delivery, answer: Answer, at: datetime) -> None:
    """Notes an attempt and what follows from it; of one whose lease another worker took up, that it was made."""
    webhook = Webhook.objects.select_for_update().get(pk=delivery.webhook_id)
    held = Delivery.objects.select_for_update().get(pk=delivery.pk)
    made = Attempt.objects.create(
        delivery=held,
        at=at,
        milliseconds=answer.milliseconds,
        code=answer.code,
        failure=answer.failure or "",
        answer=answer.body,
    )
    if held.status != DeliveryStatus.WAITING or held.leased_until != delivery.leased_until:
        return
    if made.is_success:
        _end(held, webhook, DeliveryStatus.DELIVERED)
    elif made.code == GONE:
        actions.turn_off(webhook=webhook, by=None, reason=OffReason.GONE)
    elif (tried := held.attempts.filter(at__gte=held.asked_at).count()) > len(WAITS):
        _end(held, webhook, DeliveryStatus.FAILED)
        if _fails_for_days(webhook, timezone.now()):
            actions.turn_off(webhook=webhook, by=None, reason=OffReason.FAILING)
    else:
        held.due_at, held.leased_until = timezone.now() + wait(tried), None
        held.save(update_fields=["due_at", "leased_until"])


def wait(tried: int) -> timedelta:
    """How long until the next attempt after so many."""
    return WAITS[tried - 1] * random.uniform(1 - JITTER, 1 + JITTER)


def _send(claimed: list[Delivery]) -> None:
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        futures = {}
        for delivery in claimed:
            at = timezone.now()
            try:
                body, headers = _signed(delivery, at)
            except signing.SecretLost:
                record(delivery=delivery, answer=Answer(0, failure=Failure.SECRET), at=at)
            else:
                url, allowed = delivery.webhook.url, settings.OUTBOUND_ALLOW
                futures[threads.submit(post, url, body, headers, allowed=allowed)] = (delivery, at)
        for future in as_completed(futures):
            delivery, at = futures[future]
            record(delivery=delivery, answer=future.result(), at=at)


def _signed(delivery: Delivery, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and the headers. SecretLost where it cannot be signed."""
    webhook, message = delivery.webhook, delivery.message
    secrets = [signing.decrypted(one.encrypted) for one in _good_secrets(webhook, at)]
    body, name, timestamp = content.body(message, webhook), f"msg_{message.pk.hex}", int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Margin-Webhooks",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.signatures(secrets, message=name, timestamp=timestamp, body=body),
    }
    return body, headers


def _good_secrets(webhook: Webhook, at: datetime) -> QuerySet[WebhookSecret]:
    return webhook.secrets.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def _end(held: Delivery, webhook: Webhook, status: DeliveryStatus) -> None:
    lifecycle.advance(held, status, due_at=None, leased_until=None)
    events.record(f"delivery.{status}", held, by=None, campaign=webhook.campaign)


def _fails_for_days(webhook: Webhook, now: datetime) -> bool:
    """Whether everything failed since at least FAILING_FOR ago, of what was sent since it was last turned on."""
    attempts = Attempt.objects.filter(delivery__webhook=webhook, at__gte=webhook.since)
    worked = attempts.filter(code__range=(200, 299)).aggregate(Max("at"))["at__max"]
    failed = attempts.filter(at__gt=worked) if worked else attempts
    first = failed.aggregate(Min("at"))["at__min"]
    return first is not None and now - first >= FAILING_FOR
