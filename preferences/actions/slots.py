"""Moves of a slot. Each is called inside the transaction of the assignment that it belongs to, which has the event."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from preferences import lifecycle
from preferences.choices import SlotStatus
from preferences.models import Comparison, Slot


def wanted(comparison: Comparison, judged: int = 0) -> list[Slot]:
    """The slots of a new comparison, not yet saved; beside those to be filled at once one is open, the others wait."""
    return [
        Slot(
            campaign=comparison.campaign,
            comparison=comparison,
            number=number,
            status=SlotStatus.OPEN if number <= judged else SlotStatus.WAITING,
        )
        for number in range(comparison.campaign.raters_per_item)
    ]


def lease(slot: Slot) -> None:
    """Takes an open slot, which is held, and opens the one that waits for it."""
    if slot.number + 1 >= slot.campaign.raters_per_item:
        lifecycle.advance(slot, SlotStatus.LEASED)
        return
    after = Q(comparison=slot.comparison_id, number=slot.number + 1)
    lifecycle.advance_held(slot, SlotStatus.LEASED, beside=after, along=(SlotStatus.WAITING, SlotStatus.OPEN))


def release(slot: Slot) -> None:
    lifecycle.advance(slot, SlotStatus.OPEN)


def close(comparisons: Iterable[int]) -> None:
    """Takes the open slots of withdrawn comparisons out of the queue: they wait, and nothing opens them any more."""
    lifecycle.advance_many(Slot.objects.filter(comparison__in=comparisons), SlotStatus.OPEN, SlotStatus.WAITING)


def spare(comparison: Comparison) -> Slot:
    """An open slot of a copy, which takes any number of judgments. Call while holding the comparison's row."""
    free = Slot.objects.filter(comparison=comparison, status=SlotStatus.OPEN).first()
    if free is not None:
        return free
    made = Slot.objects.create(campaign=comparison.campaign, comparison=comparison, number=comparison.slots.count())
    lifecycle.advance(made, SlotStatus.OPEN)
    return made
