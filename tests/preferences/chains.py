"""Events in a chain, and hands that reach past the triggers."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from preferences import event_erasing, origin
from preferences.actions import events
from preferences.erasing import erasing, without
from preferences.models import Campaign, Erasure, Event
from webapp.tasks import chain_events


def seven_events(campaign: Campaign) -> list[Event]:
    """Chained."""
    for number in range(7):
        with origin.coming(door="api", address="203.0.113.77", through="token:7"):
            events.record("campaign.paused", campaign, by=None, campaign=campaign, number=number, note="A word.")
    chain_events()
    return list(Event.objects.order_by("pk"))


def past_triggers(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def erase_notes(campaign: Campaign, which: Any) -> Erasure:
    with transaction.atomic(), erasing(campaign, reason="It names somebody.", by=None) as under_way:
        under_way.blank(which, "data", to=without("note"))
        events.record("erasure.made", under_way.erasure, by=None, left=event_erasing.close(under_way))
    return under_way.erasure
