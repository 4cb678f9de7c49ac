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

from preferences import event_chain, origin
from preferences.actions import events
from preferences.erasing import erasing, without
from preferences.event_verifying import Broken, verify
from preferences.models import Campaign, Erasure, Event, EventBlock, Tombstone, UnchainedEvent
from tests import factories
from tests.factories.campaigns import CampaignFactory
from webapp import erasing as sides
from webapp.tasks import chain_events

pytestmark = pytest.mark.django_db

BETWEEN = 3


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory()


@pytest.fixture
def chained(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Seven events in three blocks."""
    monkeypatch.setattr(event_chain, "AT_ONCE", BETWEEN)
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


def with_a_tombstone_of_no_erasure(chained: list[Event]) -> None:
    erasure = Erasure.objects.create(subject="user:1", reason="None.")
    Tombstone.objects.create(erasure=erasure, subject=f"event:{chained[4].pk}", field="data", fingerprint="0" * 64)
    emptied(chained)


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
    (with_a_tombstone_of_no_erasure, "Event {} of block 2 was changed: no erasure took these words out"),
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


def test_what_an_erasure_took_out_is_told_as_erased_and_the_rest_holds(
    chained: list[Event], campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    erasure = erase_notes(campaign, Event.objects.filter(pk=chained[4].pk))
    chain_events()
    assert verify().erased == {str(erasure.pk): 1}
    call_command("verify_events")
    assert f"erased by {erasure.pk}: words of 1 events" in capsys.readouterr().out
    past_triggers("UPDATE preferences_event SET verb = 'campaign.opened' WHERE id = %s", chained[4].pk)
    with pytest.raises(Broken, match=f"Event {chained[4].pk} of block 2 was changed"):
        verify()


def erase_notes(campaign: Campaign, which: Any) -> Erasure:
    with transaction.atomic(), erasing(campaign, reason="It names somebody.", by=None) as under_way:
        under_way.blank(which, "data", to=without("note"))
        events.record("erasure.made", under_way.erasure, by=None)
    return under_way.erasure


def test_of_a_person_who_is_erased_the_networks_go_and_the_salts_of_what_went(campaign: Campaign) -> None:
    factories.manager(campaign)
    person = factories.annotator(campaign)
    with origin.coming(door="web", address="2001:db8:5:6::7"):
        events.record("judgment.revised", campaign, by=person, rationale="Mine.")
        events.record("campaign.paused", campaign, by=None)
    chain_events()
    sides.erase_person(person=person, reason="They asked for it.", by=None)
    chain_events()
    kept = {event.verb: event for event in Event.objects.filter(verb__in=["judgment.revised", "campaign.paused"])}
    assert (kept["judgment.revised"].address, kept["judgment.revised"].salt) == ("", None)
    assert kept["campaign.paused"].address == "2001:db8:5::/48" and kept["campaign.paused"].salt is not None
    assert sum(verify().erased.values()) >= 1


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
