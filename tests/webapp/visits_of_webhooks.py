"""Visits to webhooks and to what was sent to them, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from exports.webhooks import actions
from exports.webhooks.models import Failure, OffReason
from exports.webhooks.posting import Answer
from preferences.models import Campaign
from tests import factories
from tests.exports.webhooks.helpers import told, webhook
from tests.webapp.test_webhooks import delivered
from webapp.accounts.models import User

FORM = {"url": "https://hooks.example/in", "kind": "batch.sealed"}


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign, full = a_campaign("webhooks"), a_campaign("many-webhooks")
    boss, admin = reader(factories.manager(campaign)), reader(factories.user(is_superuser=True))
    of_campaign, busy, failing, gone = (f"/campaigns/{campaign.slug}/webhooks/", *(webhook(campaign) for _ in range(3)))
    sent = [delivered(busy, Answer(20, failure=failure)) for failure in Failure]
    for _ in range(25):
        actions.ping(webhook=busy, by=None)
    told()
    for _ in range(actions.MOST):
        webhook(full)
    of_all = webhook(None)
    for hook, reason in ((failing, OffReason.FAILING), (gone, OffReason.GONE), (of_all, OffReason.GONE)):
        actions.turn_off(webhook=hook, by=None, reason=reason)
    page = f"/webhooks/{busy.pk}/"
    return {
        "webhooks": get(boss, of_campaign),
        "no webhook yet": get(admin, "/webhooks/"),
        "webhook registered": post(boss, of_campaign, **FORM),
        "webhook of all registered": post(admin, "/webhooks/", **FORM),
        "webhook nowhere": post(boss, of_campaign, url="例"),
        "webhook of no kind": post(boss, of_campaign, url=FORM["url"]),
        "too many webhooks": post(admin, f"/campaigns/{full.slug}/webhooks/", **FORM),
        "webhooks of all for a manager": get(boss, "/webhooks/"),
        "webhook with a log": get(boss, page),
        "webhook with a log, on": get(boss, f"{page}?page=2"),
        "webhook with a new secret": post(boss, f"{page}secret/"),
        "webhook that went off": get(boss, f"/webhooks/{gone.pk}/"),
        "webhook of all": get(admin, f"/webhooks/{of_all.pk}/"),
        "ping while off": post(boss, f"/webhooks/{gone.pk}/ping/"),
        "delivery": get(boss, f"/webhooks/deliveries/{sent[0].pk}/"),
        "batches with webhooks that went off": get(boss, "/batches/"),
    }
