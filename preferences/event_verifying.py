"""Whether the chain over events holds: no event was removed, changed or slipped in since its block was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from preferences import event_erasing, triggers
from preferences.event_chain import COLUMNS, DIGEST, NOTHING, block_hash, digests
from preferences.models import ErasedEvent, Erasure, Event, EventBlock, UnchainedEvent

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
    erased: Mapping[str, int]


class Place(NamedTuple):
    """A block of the chain; before the first one it is BEGINNING."""

    number: int
    sha256: str


BEGINNING = Place(0, NOTHING)


def verify(*, expected: Sequence[str] = (), tell: Tell = lambda events, blocks: None) -> Verified:
    """Compares the triggers, then reads every event once, block by block; Broken at the first place that does not hold.

    `expected` are hashes of blocks as somebody noted them elsewhere: who cuts off the chain's end, or makes all of it
    anew, has a chain that holds and these in it no more.
    """
    if found := triggers.differences():
        raise Broken(" ".join(found))
    return verify_chain(expected=expected, tell=tell)


def verify_chain(
    *, after: Place = BEGINNING, expected: Sequence[str] = (), tell: Tell = lambda events, blocks: None
) -> Verified:
    """The chain alone, and of it what follows a block that was found to hold before; that one must be there still."""
    missing, events, (number, previous) = set(expected), 0, after
    newest = _newest_event(after)
    erasures = _Erasures()
    for block in EventBlock.objects.filter(number__gt=number).order_by("number").iterator(chunk_size=1):
        number += 1
        _check_place(block, number, previous)
        _check_events(block, erasures)
        previous = block.sha256
        missing.discard(previous)
        events += len(block.events)
        tell(events, number)
    if missing:
        raise Broken(f"No block has the hash {min(missing)}: blocks were removed, or the chain was made anew.")
    waiting = _check_none_beside(newest)
    return Verified(blocks=number, events=events, waiting=waiting, head=previous, erased=erasures.events)


def _newest_event(after: Place) -> int | None:
    """The newest event that the block holds, None at the beginning."""
    if after == BEGINNING:
        return None
    block = EventBlock.objects.filter(number=after.number, sha256=after.sha256).first()
    if block is None:
        raise Broken(f"Block {after.number} is not the one that was verified before: it was removed or changed.")
    return max(block.events)


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


def _check_events(block: EventBlock, erasures: _Erasures) -> None:
    rows = Event.objects.filter(pk__in=block.events).values_list(*COLUMNS)
    there = {values[0]: dict(zip(COLUMNS, values, strict=True)) for values in rows}
    emptied: dict[int, str] = {}
    for key, (erasable, whole) in zip(block.events, _pairs(block), strict=True):
        if key not in there:
            raise Broken(f"Event {key} of block {block.number} was removed.")
        now = digests(there[key])
        if (now.erasable, now.whole) == (erasable, whole):
            continue
        if digests(there[key], erasable=erasable).whole != whole:
            raise Broken(f"Event {key} of block {block.number} was changed.")
        emptied[key] = now.whole.hex()
    if emptied:
        erasures.check(emptied, block.number)


@dataclass
class _Erasures:
    """Whether events that hold other words than were hashed hold what an erasure left there, and the chain says so.

    `events` counts them by erasure.
    """

    events: Counter[str] = field(default_factory=Counter)

    def check(self, emptied: dict[int, str], number: int) -> None:
        """`emptied` has the hashes of what the events of block `number` hold now."""
        made = ErasedEvent.objects.filter(event__in=emptied).order_by("pk")  # of several erasures the last one holds
        last = {key: (sha256, erasure) for key, sha256, erasure in made.values_list("event", "sha256", "erasure")}
        for key, now in emptied.items():
            if key not in last:
                raise Broken(f"Event {key} of block {number} was changed: no erasure took these words out.")
            sha256, erasure = last[key]
            if sha256 != now:
                raise Broken(f"Event {key} of block {number} was changed after the erasure {erasure} of its words.")
            if str(erasure) not in self.events:
                _check_left(erasure)
            self.events[str(erasure)] += 1


def _check_left(erasure: UUID) -> None:
    """What an erasure left is what its event says; who adds another event of it later is too late."""
    made = Event.objects.filter(verb="erasure.made", subject=f"erasure:{erasure}").order_by("pk").first()
    if made is None:
        raise Broken(f"Nobody made the erasure {erasure}: it has no event.")
    if made.data.get("left") != event_erasing.left(Erasure(pk=erasure)):
        raise Broken(f"What the erasure {erasure} left of events was changed: event {made.pk} has another hash of it.")


def _check_none_beside(newest: int | None) -> int:
    """How many events wait for a block; Broken where one neither waits nor stands in one, or waits and is gone.

    Of events that are newer than this one, of all where there is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id FROM preferences_event event
              LEFT JOIN (SELECT unnest(events) AS id FROM preferences_eventblock) chained ON chained.id = event.id
             WHERE chained.id IS NULL AND (%(newest)s::bigint IS NULL OR event.id > %(newest)s)
               AND NOT EXISTS (SELECT 1 FROM preferences_unchainedevent WHERE event_id = event.id)
             ORDER BY event.id LIMIT 1
            """,
            {"newest": newest},
        )
        found = cursor.fetchone()
    if found:
        raise Broken(f"Event {found[0]} is in no block and does not wait for one: it was written past Margin.")
    there = Exists(Event.objects.filter(pk=OuterRef("pk")))
    if gone := UnchainedEvent.objects.exclude(there).order_by("pk").first():
        raise Broken(f"Event {gone.pk} was removed while it waited for a block.")
    return UnchainedEvent.objects.count()
