"""What an erasure took out of events is told as erased, and the chain over them holds."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from preferences import event_erasing, origin
from preferences.actions import events
from preferences.erasing import erasing
from preferences.event_verifying import Broken, verify
from preferences.models import Campaign, ErasedEvent, Event
from tests import factories
from tests.factories.campaigns import CampaignFactory
from tests.preferences.chains import erase_notes, past_triggers, seven_events
from webapp import erasing as sides
from webapp.tasks import chain_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory()


@pytest.fixture
def chained(campaign: Campaign) -> list[Event]:
    return seven_events(campaign)


def test_what_an_erasure_took_out_is_told_as_erased_and_the_rest_holds(
    chained: list[Event], campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    erasure = erase_notes(campaign, Event.objects.filter(pk=chained[4].pk))
    chain_events()
    assert verify().erased == {str(erasure.pk): 1}
    call_command("verify_events")
    assert f"erased by {erasure.pk}: words of 1 events" in capsys.readouterr().out
    past_triggers("UPDATE preferences_event SET verb = 'campaign.opened' WHERE id = %s", chained[4].pk)
    with pytest.raises(Broken, match=f"Event {chained[4].pk} of block 1 was changed"):
        verify()


def test_of_what_several_erasures_took_out_the_last_one_holds(chained: list[Event], campaign: Campaign) -> None:
    both, one = (Event.objects.filter(pk__in=[event.pk for event in chained[:n]]) for n in (2, 1))
    first = erase_notes(campaign, both)
    with transaction.atomic(), erasing(campaign, reason="They asked for it.", by=None) as under_way:
        under_way.blank(one, "address", to="")
        events.record("erasure.made", under_way.erasure, by=None, left=event_erasing.close(under_way))
    chain_events()
    assert verify().erased == {str(first.pk): 1, str(under_way.erasure.pk): 1}


def test_what_an_erasure_made_of_an_event_is_kept_once_and_as_a_hash(chained: list[Event], campaign: Campaign) -> None:
    erasure = erase_notes(campaign, Event.objects.filter(pk=chained[4].pk))
    for event, sha256, told in ((4, "a" * 64, "erased_event_once"), (5, "A" * 64, "erased_event_sha256")):
        with pytest.raises(IntegrityError, match=told), transaction.atomic():
            ErasedEvent.objects.create(erasure=erasure, event=chained[event], sha256=sha256)


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
