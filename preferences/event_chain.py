"""The chain over events: blocks of what was committed, each hashed with the one before, so that removal shows.

Whoever writes an event waits for nobody: blocks are made beside, every few seconds, by one process at a time. An
erasure may take words out of an event and the network it came from. These are hashed apart, with a salt that goes with
them, and the event is hashed with that hash: the chain holds all the same, and the hash tells nothing of the words.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from preferences.models import Event, EventBlock, UnchainedEvent

AT_ONCE = 5000
DIGEST = 32  # bytes of a SHA-256
NOTHING = "0" * 64  # what stands before the first block

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

log = logging.getLogger(__name__)

COLUMNS = (
    "pk", "at", "actor", "verb", "subject", "campaign", "request_id", "door", "through", "data", "address", "salt",
)  # fmt: skip


class Digests(NamedTuple):
    """Of one event: of what may be erased, and of all, in which the first stands for that."""

    erasable: bytes
    whole: bytes


@transaction.atomic
def extend() -> int:
    """Puts events that wait into a block; how many. Call until it is none; 0 where another process is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('preferences.event_chain'))")
        if not cursor.fetchone()[0]:
            return 0
    # One that was removed while it waited goes on waiting: event_verifying tells of it.
    there = UnchainedEvent.objects.filter(Exists(Event.objects.filter(pk=OuterRef("pk"))))
    found = dict(digests_of(list(there.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])))
    if not found:
        return 0
    before = EventBlock.objects.order_by("-number").values_list("number", "sha256").first() or (0, NOTHING)
    number, previous = before[0] + 1, before[1]
    sha256 = block_hash(number, previous, (one.whole for one in found.values()))
    EventBlock.objects.create(
        number=number,
        events=list(found),
        digests=b"".join(one.erasable + one.whole for one in found.values()),
        previous=previous,
        sha256=sha256,
        made_at=timezone.now(),
    )
    # Whoever collects the log has the chain's head outside this database.
    log.info("Block %d of the chain of events: %s", number, sha256, extra={"events": len(found)})
    UnchainedEvent.objects.filter(pk__in=found).delete()
    return len(found)


def digests_of(keys: list[int]) -> Iterator[tuple[int, Digests]]:
    """Of the events of these keys that are there, ascending."""
    for values in Event.objects.filter(pk__in=keys).order_by("pk").values_list(*COLUMNS):
        yield values[0], digests(dict(zip(COLUMNS, values, strict=True)))


def digests(event: dict[str, Any], *, erasable: bytes | None = None) -> Digests:
    """`event` has the columns of COLUMNS (docs/audit.md has the same in words).

    `erasable` is what stood for that part while it was there, where it is there no more.
    """
    if erasable is None:
        salt = event["salt"].bytes if event["salt"] else b""
        erasable = hashlib.sha256(b"\x01" + salt + _canonical([event["data"], event["address"]])).digest()
    told = [event[name] for name in ("pk", "actor", "verb", "subject", "campaign", "request_id", "door", "through")]
    at = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return Digests(erasable, hashlib.sha256(b"\x00" + _canonical([at, *told]) + erasable).digest())


def block_hash(number: int, previous: str, events: Iterable[bytes]) -> str:
    """`events` are the digests of whole events, in the order of their keys."""
    made = hashlib.sha256(b"\x02" + number.to_bytes(8, "big") + bytes.fromhex(previous))
    for digest in events:
        made.update(digest)
    return made.hexdigest()


def _canonical(values: list[Any]) -> bytes:
    """As JSON of ASCII without white space, keys sorted; Python's own, which knows numbers of any size."""
    return _ENCODER.encode(values).encode()
