"""Webhooks in each of their states, with addresses and answers that do not break."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from exports.webhooks import actions, delivering, outbox
from exports.webhooks.models import Delivery, Failure, Webhook
from exports.webhooks.posting import Answer
from preferences.models import Campaign
from tests import factories

SITE, KINDS = "https://margin.example", ("batch.sealed", "export.ready", "export.failed")
UNBROKEN = "x" * 300


def webhooks(campaign: Campaign) -> list[str]:
    """One that works and has a log, one that went, one of all campaigns; a delivery with attempts, one before any."""
    busy = registered(campaign, f"https://hooks.example/{UNBROKEN}")
    gone, all_of_them = registered(campaign, "https://gone.example/in"), registered(None, "https://all.example/in")
    factories.judged_comparison(campaign)
    factories.batch(campaign)
    while outbox.announce():
        pass
    ping, sealed = busy.deliveries.order_by("pk")
    attempt(ping, Answer(35, code=200, body="ok"))
    for answer in (Answer(10_000, failure=Failure.TIME), Answer(120, code=503, body=f"<h1>{UNBROKEN}</h1>")):
        attempt(sealed, answer)
    attempt(gone.deliveries.order_by("pk")[0], Answer(12, code=410))
    return [
        f"/campaigns/{campaign.slug}/webhooks/",
        f"/campaigns/{factories.campaign().slug}/webhooks/",
        "/webhooks/",
        f"/webhooks/{busy.pk}/",
        f"/webhooks/{gone.pk}/",
        f"/webhooks/deliveries/{sealed.pk}/",
        f"/webhooks/deliveries/{all_of_them.deliveries.order_by('pk')[0].pk}/",
        "/batches/",
    ]


def registered(campaign: Campaign | None, url: str) -> Webhook:
    made, _secret = actions.register(campaign=campaign, url=url, kinds=KINDS, site=SITE, by=None)
    return made


def attempt(delivery: Delivery, answer: Answer) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(due_at=now - timedelta(days=1))
    claimed = next(one for one in delivering.claim() if one.pk == delivery.pk)
    delivering.record(delivery=claimed, answer=answer, at=now)
    Delivery.objects.update(leased_until=None)
