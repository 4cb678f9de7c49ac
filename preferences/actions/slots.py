"""Moves of a slot. Each is called inside the transaction of the assignment that it belongs to, which has the event."""

from __future__ import annotations

from preferences import lifecycle
from preferences.choices import SlotStatus
from preferences.models import Slot


def lease(slot: Slot) -> None:
    lifecycle.advance(slot, SlotStatus.LEASED)


def release(slot: Slot) -> None:
    lifecycle.advance(slot, SlotStatus.OPEN)
