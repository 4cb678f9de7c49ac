"""What an erasure makes of events, as hashes, so that nothing but that is taken for erased."""

from __future__ import annotations

import hashlib

from preferences.erasing import AT_ONCE, Erasing
from preferences.event_chain import digests_of
from preferences.models import ErasedEvent, Erasure, Event


def close(under_way: Erasing) -> str:
    """Once its words are out of the events: keeps what each holds now; the hash of all that, for the erasure's event.

    With its salt goes what could confirm a guess at what an event held (preferences/event_chain.py).
    """
    erasure = under_way.erasure
    stones = erasure.tombstones.filter(subject__startswith="event:").values_list("subject", flat=True)
    keys = sorted({int(subject.removeprefix("event:")) for subject in stones})
    for some in (keys[place : place + AT_ONCE] for place in range(0, len(keys), AT_ONCE)):
        Event.objects.filter(pk__in=some).update(salt=None)
        ErasedEvent.objects.bulk_create(
            ErasedEvent(erasure=erasure, event_id=key, sha256=now.whole.hex()) for key, now in digests_of(some)
        )
    return left(erasure)


def left(erasure: Erasure) -> str:
    """The hash of what an erasure made of events: a line for each, its key and its hash, in the order of their keys."""
    made = hashlib.sha256()
    for key, sha256 in erasure.erased_events.order_by("event").values_list("event", "sha256").iterator():
        made.update(f"{key} {sha256}\n".encode())
    return made.hexdigest()
