from __future__ import annotations

import uuid

from preferences.models import Event
from tests.factories.temperatures import requested_sweep
from workers.models import TemperatureSweep
from workers.temperature import holding


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="temperature_sweep").order_by("pk")
    return [verb.removeprefix("temperature_sweep.") for verb in found.values_list("verb", flat=True)]


def taken(sweep: TemperatureSweep) -> uuid.UUID:
    holder = holding.take(sweep=sweep)
    assert holder is not None
    return holder


def failed_sweep(reason: str) -> TemperatureSweep:
    sweep = requested_sweep()
    assert holding.fail(sweep=sweep, holder=taken(sweep), reason=reason)
    sweep.refresh_from_db()
    return sweep
