"""Once a day the record is looked at: the triggers, and the chain from where the look before came to."""

from __future__ import annotations

import pytest
from django.db import connection

from preferences import event_verifying
from preferences.event_verifying import BEGINNING
from preferences.models import Campaign, Event, EventBlock
from preferences.record_verifying import last_look, look, since
from tests.factories.campaigns import CampaignFactory
from tests.preferences.chains import past_triggers, seven_events
from webapp.tasks import verify_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory()


def test_a_look_is_an_event_with_nothing_amiss_and_the_place_it_came_to(campaign: Campaign) -> None:
    assert last_look() is None and since(None) is None
    seven_events(campaign)
    head = EventBlock.objects.get()
    assert since(None) == head.made_at
    verify_record()
    looked = last_look()
    assert looked is not None and (looked.place, looked.faults) == ((1, head.sha256), [])
    assert since(looked) == looked.at


def test_an_empty_record_is_looked_at(campaign: Campaign) -> None:
    assert look() == []
    looked = last_look()
    assert looked is not None and looked.place == BEGINNING


def test_what_was_read_before_is_not_read_again(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    seven_events(campaign)
    look()
    seven_events(campaign)
    read: list[int] = []
    monkeypatch.setattr(event_verifying, "_check_events", lambda block, _erasures: read.append(block.number))
    assert look() == [] and read == [2]


def test_a_new_event_that_was_removed_is_told_every_day(campaign: Campaign) -> None:
    seven_events(campaign)
    look()
    later = seven_events(campaign)[-1]
    past_triggers("DELETE FROM preferences_event WHERE id = %s", later.pk)
    told = [f"Event {later.pk} of block 2 was removed."]
    assert look() == told and look() == told
    looked = last_look()
    assert looked is not None and looked.place.number == 1


def test_one_slipped_in_is_told(campaign: Campaign) -> None:
    seven_events(campaign)
    look()
    past_triggers("INSERT INTO preferences_event (at, verb, subject, data) VALUES (now(), 'a.b', 'c:1', '{}')")
    [fault] = look()
    assert "is in no block and does not wait for one" in fault


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM preferences_eventblock", "UPDATE preferences_eventblock SET sha256 = repeat('a', 64)"],
    ids=["removed", "made anew"],
)
def test_the_block_that_was_come_to_must_be_there_still(campaign: Campaign, statement: str) -> None:
    seven_events(campaign)
    look()
    past_triggers(f"{statement} WHERE number = 1")
    [fault] = look()
    assert fault.startswith("Block 1 is not the one that was verified before")


def test_a_trigger_that_is_off_is_told(campaign: Campaign, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come is not altered
        cursor.execute("ALTER TABLE preferences_judgment DISABLE TRIGGER USER")
    verify_record()
    looked = last_look()
    assert looked is not None and all("preferences_judgment is off" in fault for fault in looked.faults)
    assert looked.faults and looked.faults[0] in caplog.text
    assert Event.objects.filter(verb="record.verified").count() == 1
