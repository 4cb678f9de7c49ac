"""What managers see of webhooks and of what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from exports.webhooks.models import Attempt, Delivery, OffReason, Webhook
from preferences.choices import DeliveryStatus
from preferences.models import Campaign


@dataclass(frozen=True)
class Sent:
    """A delivery with its attempts, the first first."""

    delivery: Delivery
    attempts: Sequence[Attempt]

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def about(self) -> str:
        """The batch's name, and the export's format; nothing of a ping."""
        data = self.delivery.message.data
        names = [data[noun][name] for noun, name in (("batch", "name"), ("export", "format")) if noun in data]
        return ", ".join(names)


def webhooks_of(campaign: Campaign | None) -> QuerySet[Webhook]:
    """Those that are on first, with how many deliveries stand where, and when the last arrived."""
    status = {
        "waiting": DeliveryStatus.WAITING,
        "delivered": DeliveryStatus.DELIVERED,
        "given_up": DeliveryStatus.FAILED,
    }
    counts = {name: Count("deliveries", filter=Q(deliveries__status=value)) for name, value in status.items()}
    arrived = Attempt.objects.filter(delivery__webhook=OuterRef("pk"), code__range=(200, 299)).order_by("-pk")
    found = Webhook.objects.filter(campaign=campaign).annotate(**counts, arrived_at=Subquery(arrived.values("at")[:1]))
    return found.order_by(F("off_at").desc(nulls_first=True), "pk")


def off_by_themselves(campaigns: QuerySet[Campaign], *, also_of_all: bool) -> QuerySet[Webhook]:
    """What was turned off because it failed, of these campaigns, and of all where told."""
    of = Q(campaign__in=campaigns.order_by()) | (Q(campaign__isnull=True) if also_of_all else Q(pk__in=[]))
    return Webhook.objects.filter(of, off_reason__in=[OffReason.GONE, OffReason.FAILING]).select_related("campaign")


def log_of(webhook: Webhook) -> QuerySet[Delivery]:
    """The latest first."""
    return webhook.deliveries.select_related("message__event").prefetch_related("attempts").order_by("-pk")


def sent(delivery: Delivery) -> Sent:
    return Sent(delivery, list(delivery.attempts.all()))


def host_of(webhook: Webhook) -> str:
    return urlsplit(webhook.url).netloc
