"""Whoever takes an event out of the record, changes one or slips one in is found out; an erasure is told as one."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from preferences import event_chain, event_erasing
from preferences.actions import events
from preferences.event_verifying import verify
from preferences.models import Campaign, ErasedEvent, Erasure, Event, EventBlock, Tombstone, UnchainedEvent
from tests.factories.campaigns import CampaignFactory
from tests.preferences.chains import erase_notes, past_triggers, seven_events
from webapp.tasks import chain_events

pytestmark = pytest.mark.django_db

BETWEEN = 3  # events of a block: of seven there are three


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory()


@pytest.fixture
def chained(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    monkeypatch.setattr(event_chain, "AT_ONCE", BETWEEN)
    return seven_events(campaign)


def test_the_chain_holds_every_event_that_was_committed(chained: list[Event]) -> None:
    found = verify()
    assert (found.blocks, found.events, found.waiting, found.erased) == (3, 7, 0, {})
    assert found.head == EventBlock.objects.get(number=3).sha256
    assert not UnchainedEvent.objects.exists()
    chain_events()
    assert EventBlock.objects.count() == 3  # nothing new, no block


def test_a_block_is_hashed_as_the_document_says(campaign: Campaign) -> None:
    salt = uuid.UUID(int=5)
    event = Event(verb="a.b", subject="c:1", campaign=campaign, data={"b": 1.5, "a": "é"}, salt=salt, address="x")
    event.request_id, event.door, event.through = "r" * 8, "web", "session:1"
    event.save()
    chain_events()
    at = event.at.isoformat(timespec="microseconds")
    erasable = hashlib.sha256(b"\x01" + salt.bytes + b'[{"a":"\\u00e9","b":1.5},"x"]').digest()
    told = f'["{at}",{event.pk},null,"a.b","c:1",{campaign.pk},"rrrrrrrr","web","session:1"]'
    whole = hashlib.sha256(b"\x00" + told.encode() + erasable).digest()
    block = EventBlock.objects.get()
    assert bytes(block.digests) == erasable + whole
    assert block.sha256 == hashlib.sha256(b"\x02" + (1).to_bytes(8, "big") + bytes(32) + whole).hexdigest()


def removed(chained: list[Event]) -> None:
    past_triggers("DELETE FROM preferences_event WHERE id = %s", chained[4].pk)


def reworded(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_event SET verb = 'campaign.opened' WHERE id = %s", chained[4].pk)


def of_another_time(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_event SET at = at - interval '1 microsecond' WHERE id = %s", chained[4].pk)


def from_elsewhere(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_event SET through = '' WHERE id = %s", chained[4].pk)


def emptied(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_event SET data = '{}', salt = NULL WHERE id = %s", chained[4].pk)


def with_an_erasure_that_nobody_made(chained: list[Event]) -> None:
    erasure = Erasure.objects.create(subject="user:1", reason="None.")
    Tombstone.objects.create(erasure=erasure, subject=f"event:{chained[4].pk}", field="data", fingerprint="0" * 64)
    emptied(chained)
    left_by(erasure, chained[4])


def left_by(erasure: Erasure, event: Event) -> None:
    """As an erasure would leave that the event holds what it holds."""
    [(_key, now)] = event_chain.digests_of([event.pk])
    ErasedEvent.objects.create(erasure=erasure, event=event, sha256=now.whole.hex())


def erased_and_reworded(chained: list[Event]) -> None:
    erase_notes(chained[4].campaign, Event.objects.filter(pk=chained[4].pk))
    past_triggers('UPDATE preferences_event SET data = \'{"note": "Another."}\' WHERE id = %s', chained[4].pk)


def added_to_an_erasure(chained: list[Event]) -> None:
    """And its event told anew, as who bent the event may do: the first one holds."""
    erasure = erase_notes(chained[4].campaign, Event.objects.filter(pk=chained[3].pk))
    emptied(chained)
    left_by(erasure, chained[4])
    events.record("erasure.made", erasure, by=None, left=event_erasing.left(erasure))


def slipped_in(chained: list[Event]) -> None:
    past_triggers(
        "INSERT INTO preferences_event (at, verb, subject, data) VALUES (now(), 'campaign.opened', 'campaign:1', '{}')"
    )


def removed_while_it_waits(chained: list[Event]) -> None:
    events.record("campaign.paused", chained[4].campaign, by=None)
    past_triggers("DELETE FROM preferences_event WHERE id = %s", Event.objects.latest("pk").pk)
    chain_events()


def a_block_removed(chained: list[Event]) -> None:
    past_triggers("DELETE FROM preferences_eventblock WHERE number = 2")


def the_first_block_removed(chained: list[Event]) -> None:
    past_triggers("DELETE FROM preferences_eventblock WHERE number = 1")


def a_block_with_one_less(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_eventblock SET events = events[1:2] WHERE number = 2")


def a_block_rehashed(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_eventblock SET sha256 = %s WHERE number = 2", "a" * 64)


def a_block_on_another(chained: list[Event]) -> None:
    past_triggers("UPDATE preferences_eventblock SET previous = %s WHERE number = 2", "a" * 64)


TAMPERINGS: list[tuple[Callable[[list[Event]], None], str]] = [
    (removed, "Event {} of block 2 was removed"),
    (reworded, "Event {} of block 2 was changed"),
    (of_another_time, "Event {} of block 2 was changed"),
    (from_elsewhere, "Event {} of block 2 was changed"),
    (emptied, "Event {} of block 2 was changed: no erasure took these words out"),
    (with_an_erasure_that_nobody_made, "it has no event"),
    (erased_and_reworded, "Event {} of block 2 was changed after the erasure"),
    (added_to_an_erasure, "left of events was changed"),
    (slipped_in, "is in no block and does not wait for one"),
    (removed_while_it_waits, "was removed while it waited for a block"),
    (a_block_removed, "Block 2 was removed"),
    (the_first_block_removed, "Block 1 was removed"),
    (a_block_with_one_less, "Block 2 was changed: it does not have one pair of hashes for each of its events"),
    (a_block_rehashed, "Block 2 was changed: its hash is not that of what it holds"),
    (a_block_on_another, "Block 2 does not follow block 1"),
]


@pytest.mark.parametrize(("tamper", "told"), TAMPERINGS, ids=[tamper.__name__ for tamper, _told in TAMPERINGS])
def test_the_first_place_that_does_not_hold_is_named(
    chained: list[Event], tamper: Callable[[list[Event]], None], told: str
) -> None:
    tamper(chained)
    with pytest.raises(CommandError) as refused:
        call_command("verify_events")
    assert told.format(chained[4].pk) in str(refused.value)


def test_a_trigger_that_is_off_is_told(chained: list[Event]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come is not altered
        cursor.execute("ALTER TABLE preferences_judgment DISABLE TRIGGER USER")
    with pytest.raises(CommandError, match=r"The trigger \w+ of preferences_judgment is off or gone"):
        call_command("verify_events")


def test_an_end_that_was_cut_off_is_found_by_a_head_that_was_kept_elsewhere(
    chained: list[Event], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_events", head=True)
    number, head = capsys.readouterr().out.split()
    call_command("verify_events", expect=[head])
    assert number == "3" and f"All 7 events are as they were written. Block 3: {head}" in capsys.readouterr().out
    past_triggers("DELETE FROM preferences_eventblock WHERE number = 3")
    past_triggers("DELETE FROM preferences_event WHERE id = %s", chained[6].pk)
    call_command("verify_events")
    with pytest.raises(CommandError, match="blocks were removed, or the chain was made anew"):
        call_command("verify_events", expect=[head])


def test_an_event_tells_where_it_comes_from(chained: list[Event]) -> None:
    event = chained[0]
    assert (event.door, event.address, event.through) == ("api", "203.0.113.0/24", "token:7")
    assert len(event.request_id) == 32


def test_an_event_of_a_transaction_that_commits_late_is_chained_then(campaign: Campaign) -> None:
    """Its number is lower than those that are chained already."""
    early, late = (Event(verb="a.b", subject="c:1", pk=pk) for pk in (10_000_001, 10_000_002))
    late.save(force_insert=True)
    chain_events()
    early.save(force_insert=True)
    chain_events()
    assert [block.events for block in EventBlock.objects.all()][-2:] == [[10_000_002], [10_000_001]]
    assert verify().waiting == 0


def test_one_process_at_a_time_makes_blocks_and_nobody_else_waits(campaign: Campaign) -> None:
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        other.cursor().execute("SELECT pg_advisory_xact_lock(hashtext('preferences.event_chain'))")
        events.record("campaign.paused", campaign, by=None)
        assert event_chain.extend() == 0 and UnchainedEvent.objects.count() == 1
        other.rollback()
    assert event_chain.extend() == 1


def test_what_is_rolled_back_does_not_wait(campaign: Campaign) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.record("campaign.paused", campaign, by=None)
        1 / 0  # noqa: B018
    assert not UnchainedEvent.objects.exists()


def test_blocks_form_one_chain_and_are_whole(chained: list[Event]) -> None:
    def block(**changes: Any) -> None:
        fields = {"number": 4, "events": [1], "digests": b"", "previous": "b" * 64, "sha256": "c" * 64}
        with transaction.atomic():
            EventBlock.objects.create(**fields | {"made_at": timezone.now()} | changes)

    last = EventBlock.objects.get(number=3)
    for changes in ({"previous": last.previous}, {"sha256": last.sha256}, {"number": 3}):
        with pytest.raises(IntegrityError, match="unique"):
            block(**changes)
    with pytest.raises(IntegrityError, match="event_block_of_events"):
        block(events=[])
    with pytest.raises(IntegrityError, match="event_block_hashes"):
        block(sha256="C" * 64)


def test_numbers_of_any_size_are_hashed(campaign: Campaign) -> None:
    events.record("campaign.paused", campaign, by=None, big=2**80, deep=json.loads("[" * 50 + "]" * 50))
    chain_events()
    assert verify().events == 1
