"""Webhooks that are on, and what was told to them."""

from __future__ import annotations

from collections.abc import Collection

from exports.webhooks import actions, outbox
from exports.webhooks.models import CHOSEN, Delivery, Webhook
from preferences.models import Campaign

URL = "https://hooks.example/in"
SITE = "https://margin.example"


def webhook(
    campaign: Campaign | None = None, *, url: str = URL, kinds: Collection[str] = tuple(CHOSEN), pinged: bool = False
) -> Webhook:
    """One whose first ping is out of the way unless told."""
    made, _secret = actions.register(campaign=campaign, url=url, kinds=kinds, site=SITE, by=None)
    if not pinged:
        outbox.announce()
        Delivery.objects.filter(webhook=made).delete()
    return made


def told() -> list[Delivery]:
    """What is announced now, in order."""
    before = set(Delivery.objects.values_list("pk", flat=True))
    while outbox.announce():
        pass
    return list(Delivery.objects.exclude(pk__in=before).order_by("pk").select_related("webhook", "message"))
