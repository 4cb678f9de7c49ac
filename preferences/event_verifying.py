"""Whether the chain over events holds: no event was removed, changed or slipped in since its block was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef

from preferences.event_chain import COLUMNS, DIGEST, NOTHING, block_hash, digests
from preferences.models import Event, EventBlock, Tombstone, UnchainedEvent

Tell = Callable[[int, int], None]  # events and blocks that were checked


class Broken(Exception):
    """The chain does not hold; the sentence names the first place where it does not."""


@dataclass(frozen=True)
class Verified:
    """What the chain holds. `erased` counts events by the erasure that took words out of them."""

    blocks: int
    events: int
    waiting: int
    head: str
    erased: dict[str, int]


def verify(*, expected: Sequence[str] = (), tell: Tell = lambda events, blocks: None) -> Verified:
    """Reads every event once, block by block; Broken at the first place that does not hold.

    `expected` are hashes of blocks as somebody noted them elsewhere: who cuts off the chain's end, or makes all of it
    anew, has a chain that holds and these in it no more.
    """
    _check_triggers()
    missing, previous, events, number = set(expected), NOTHING, 0, 0
    erased: dict[str, int] = {}
    for block in EventBlock.objects.order_by("number").iterator(chunk_size=1):
        number += 1
        _check_place(block, number, previous)
        for erasure in _check_events(block):
            erased[erasure] = erased.get(erasure, 0) + 1
        previous = block.sha256
        missing.discard(previous)
        events += len(block.events)
        tell(events, number)
    if missing:
        raise Broken(f"No block has the hash {min(missing)}: blocks were removed, or the chain was made anew.")
    waiting = _check_none_beside()
    return Verified(blocks=number, events=events, waiting=waiting, head=previous, erased=erased)


def _check_triggers() -> None:
    """What keeps the record is on, in the database as in the code (pgtrigger names each by a hash of its own)."""
    wanted = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", ())
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgenabled IN ('O', 'A')"
        )
        on = set(cursor.fetchall())
    if off := sorted(wanted - on):
        table, name = off[0]
        raise Broken(f"The trigger {name} of {table} is off or gone: rows could be changed since, and nobody refused.")


def _check_place(block: EventBlock, number: int, previous: str) -> None:
    if block.number != number:
        raise Broken(f"Block {number} was removed.")
    if block.previous != previous:
        raise Broken(f"Block {number} does not follow block {number - 1}: one of them was changed.")
    if list(block.events) != sorted(set(block.events)) or len(block.digests) != 2 * DIGEST * len(block.events):
        raise Broken(f"Block {number} was changed: it does not have one pair of hashes for each of its events.")
    if block.sha256 != block_hash(number, previous, (whole for _erasable, whole in _pairs(block))):
        raise Broken(f"Block {number} was changed: its hash is not that of what it holds.")


def _pairs(block: EventBlock) -> Iterator[tuple[bytes, bytes]]:
    kept = bytes(block.digests)
    for place in range(0, len(kept), 2 * DIGEST):
        yield kept[place : place + DIGEST], kept[place + DIGEST : place + 2 * DIGEST]


def _check_events(block: EventBlock) -> list[str]:
    """The erasures that took something out of the block's events, one for each such event."""
    rows = Event.objects.filter(pk__in=block.events).values_list(*COLUMNS)
    there = {values[0]: dict(zip(COLUMNS, values, strict=True)) for values in rows}
    emptied = []
    for key, (erasable, whole) in zip(block.events, _pairs(block), strict=True):
        if key not in there:
            raise Broken(f"Event {key} of block {block.number} was removed.")
        now = digests(there[key])
        if (now.erasable, now.whole) == (erasable, whole):
            continue
        if digests(there[key], erasable=erasable).whole != whole:
            raise Broken(f"Event {key} of block {block.number} was changed.")
        emptied.append(key)
    return _erasures_of(emptied, block.number) if emptied else []


def _erasures_of(keys: list[int], number: int) -> list[str]:
    """Whose words are not those that were hashed: an erasure says so, and the chain has the event of the erasure."""
    stones = Tombstone.objects.filter(subject__in=[f"event:{key}" for key in keys]).order_by("erasure__at")
    by = {subject: str(erasure) for subject, erasure in stones.values_list("subject", "erasure")}
    made = set(
        Event.objects.filter(verb="erasure.made", subject__in=[f"erasure:{one}" for one in by.values()]).values_list(
            "subject", flat=True
        )
    )
    for key in keys:
        if f"erasure:{by.get(f'event:{key}')}" not in made:
            raise Broken(f"Event {key} of block {number} was changed: no erasure took these words out.")
    return [by[f"event:{key}"] for key in keys]


def _check_none_beside() -> int:
    """How many events wait for a block; Broken where one neither waits nor stands in one, or waits and is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id FROM preferences_event event
              LEFT JOIN (SELECT unnest(events) AS id FROM preferences_eventblock) chained ON chained.id = event.id
             WHERE chained.id IS NULL
               AND NOT EXISTS (SELECT 1 FROM preferences_unchainedevent WHERE event_id = event.id)
             ORDER BY event.id LIMIT 1
            """
        )
        found = cursor.fetchone()
    if found:
        raise Broken(f"Event {found[0]} is in no block and does not wait for one: it was written past Margin.")
    there = Exists(Event.objects.filter(pk=OuterRef("pk")))
    if gone := UnchainedEvent.objects.exclude(there).order_by("pk").first():
        raise Broken(f"Event {gone.pk} was removed while it waited for a block.")
    return UnchainedEvent.objects.count()
