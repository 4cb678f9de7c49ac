"""Once a day: whether the record is guarded and whole, as `manage.py verify_events` asks of all of it at once.

Each look reads on from where the one before came to, so that it costs what a day's events do, however many there are.
An old event that was changed past its trigger, or one that was written among the old ones, is found by the command,
which reads all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preferences import event_chain, triggers
from preferences.actions import events
from preferences.event_verifying import BEGINNING, Broken, Place, verify_chain
from preferences.models import Event, EventBlock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """When it was, the last block that held, and a sentence for each thing that was found amiss."""

    at: datetime
    place: Place
    faults: Sequence[str]


def look() -> Sequence[str]:
    """Compares the triggers, reads the chain on, and writes what was found as an event; returns the faults.

    Where the chain does not hold the next look begins at the same place, and finds it again.
    """
    while event_chain.extend():
        pass
    before = last_look()
    place, faults = before.place if before else BEGINNING, triggers.differences()
    try:
        found = verify_chain(after=place)
        place = Place(found.blocks, found.head)
    except Broken as broken:
        faults.append(str(broken))
    for fault in faults:
        log.error("The record is not as it was written, or not guarded: %s", fault)
    block = EventBlock(number=place.number)
    events.record("record.verified", block, by=None, sha256=place.sha256, faults=faults)
    return faults


def last_look() -> Look | None:
    made = Event.objects.filter(verb="record.verified").order_by("-at", "-pk").first()  # by the index of verbs
    if made is None:
        return None
    number = int(made.subject.partition(":")[2])
    return Look(made.at, Place(number, made.data["sha256"]), made.data["faults"])


def since(last: Look | None) -> datetime | None:
    """From when on nobody has looked: from the last look or, before the first, the first block; None before that."""
    if last is not None:
        return last.at
    return EventBlock.objects.filter(number=1).values_list("made_at", flat=True).first()
