"""A signal proposes, once; a manager decides, once; nothing happens to anybody by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, InternalError, transaction
from django.utils import timezone

from annotation import concerns, permissions, tasks
from annotation.models import Concern, Decision, SignalName
from annotation.quality.windows import RECENT
from preferences.actions import campaigns
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Event
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful
from tests.factories.concerns import ConcernFactory
from tests.preferences.refusals import everything, refused
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work() -> tuple[Campaign, User]:
    """A campaign of three careful people and one who always chooses the left."""
    campaign, people, _pairs = campaign_of(careful, careful, careful, always_left, pairs=40)
    return campaign, people[3]


def decided(concern: Concern, *, ago: timedelta = timedelta()) -> None:
    at = timezone.now() - ago
    Concern.objects.filter(pk=concern.pk).update(
        decision=Decision.TALK, decided_by=factories.user(), decided_at=at, note=""
    )


def test_an_unusual_signal_opens_a_concern_with_its_figures_and_tells_of_it(at_work: tuple[Campaign, User]) -> None:
    campaign, left = at_work
    manager = factories.manager(campaign)
    opened = concerns.propose(campaign=campaign, by=manager)
    assert [(one.person, one.signal, one.decision) for one in opened] == [(left, SignalName.SIDES, "")]
    stored = Concern.objects.get()
    assert (stored.evidence["value"], stored.evidence["n"], stored.evidence["name"]) == (1.0, 40, "sides")
    assert stored.evidence["since"] < stored.evidence["until"]
    event = Event.objects.get(verb="concern.opened")
    assert (event.subject, event.actor, event.campaign) == (f"concern:{stored.pk}", manager, campaign)
    assert event.data == {"person": left.pk, "signal": "sides"}


def test_a_concern_blocks_nobody(at_work: tuple[Campaign, User]) -> None:
    campaign, left = at_work
    concerns.propose(campaign=campaign, by=None)
    assert permissions.can_judge(left, campaign)
    factories.assignment(campaign, left)


def test_what_is_open_or_was_decided_this_week_is_not_proposed_again(at_work: tuple[Campaign, User]) -> None:
    campaign, _left = at_work
    (concern,) = concerns.propose(campaign=campaign, by=None)
    assert concerns.propose(campaign=campaign, by=None) == []
    decided(concern)
    assert concerns.propose(campaign=campaign, by=None) == []
    assert Event.objects.filter(verb="concern.opened").count() == 1


def test_what_was_decided_earlier_is_proposed_again_where_it_goes_on(at_work: tuple[Campaign, User]) -> None:
    campaign, left = at_work
    decided(ConcernFactory(campaign=campaign, person=left), ago=RECENT + timedelta(hours=1))
    assert len(concerns.propose(campaign=campaign, by=None)) == 1


def test_nothing_is_proposed_about_somebody_who_is_no_annotator_any_more(at_work: tuple[Campaign, User]) -> None:
    campaign, left = at_work
    left.memberships.all().delete()
    assert concerns.propose(campaign=campaign, by=None) == []


def test_the_daily_look_is_at_open_campaigns(at_work: tuple[Campaign, User]) -> None:
    campaign, _left = at_work
    campaigns.pause(campaign=campaign, by=None)
    tasks.propose_concerns()
    assert not Concern.objects.exists()
    campaigns.open_for_work(campaign=campaign, by=None)
    tasks.propose_concerns()
    tasks.propose_concerns()
    assert Concern.objects.count() == 1


def test_a_manager_decides_once_and_the_event_tells_what() -> None:
    concern = ConcernFactory()
    manager = factories.manager(concern.campaign)
    for _ in range(2):  # a double click
        concerns.decide(concern=concern, decision="talk", note=" We talked. ", by=manager)
    concern.refresh_from_db()
    assert (concern.decision, concern.note, concern.decided_by) == ("talk", "We talked.", manager)
    event = Event.objects.get(verb="concern.decided")
    assert event.actor == manager
    assert event.data == {"person": concern.person_id, "signal": "sides", "decision": "talk", "note": "We talked."}
    with pytest.raises(Conflict, match="Somebody decided about this meanwhile"):
        concerns.decide(concern=concern, decision="dismiss", note="", by=manager)


@pytest.mark.parametrize(("decision", "note", "field"), [("ban", "", "decision"), ("talk", "x" * 2001, "note")])
def test_a_decision_that_is_none_is_refused_and_stores_nothing(decision: str, note: str, field: str) -> None:
    concern = ConcernFactory()
    manager = factories.manager(concern.campaign)
    before = everything()
    with pytest.raises(InvalidInput) as refusal:
        concerns.decide(concern=concern, decision=decision, note=note, by=manager)
    assert refusal.value.field == field
    assert everything() == before


def test_to_pause_somebody_stops_their_work_in_the_campaign_with_the_note_as_the_reason() -> None:
    campaign = factories.campaign()
    person, manager = factories.annotator(campaign), factories.manager(campaign)
    concern = ConcernFactory(campaign=campaign, person=person)
    concerns.decide(concern=concern, decision="pause", note="Let us talk first.", by=manager)
    assert not permissions.can_judge(person, campaign)
    assert person.memberships.get().paused_reason == "Let us talk first."
    assert set(Event.objects.values_list("verb", flat=True)) >= {"membership.paused", "concern.decided"}


@pytest.mark.parametrize("note", ["", "x" * 501])
def test_a_pause_without_a_reason_that_can_be_told_is_refused_and_stores_nothing(note: str) -> None:
    campaign = factories.campaign()
    concern = ConcernFactory(campaign=campaign, person=factories.annotator(campaign))
    manager = factories.manager(campaign)
    before = everything()
    with pytest.raises(InvalidInput, match="The reason"):
        concerns.decide(concern=concern, decision="pause", note=note, by=manager)
    assert everything() == before


def test_who_is_no_annotator_any_more_cannot_be_paused_and_the_concern_stays_open() -> None:
    concern = ConcernFactory()
    with pytest.raises(Conflict, match="no annotator of this campaign any more"):
        concerns.decide(concern=concern, decision="pause", note="So.", by=factories.manager(concern.campaign))
    concern.refresh_from_db()
    assert concern.decision == ""


def test_only_a_manager_decides() -> None:
    concern = ConcernFactory()
    for person in (factories.annotator(concern.campaign), factories.manager(factories.campaign())):
        with pytest.raises(NotAllowed):
            concerns.decide(concern=concern, decision="dismiss", note="", by=person)


@pytest.mark.parametrize("verb", ["propose", "decide"])
def test_without_its_event_nothing_is_stored(verb: str, at_work: tuple[Campaign, User], monkeypatch) -> None:
    campaign, _left = at_work
    concern, manager = ConcernFactory(), factories.user(is_superuser=True)
    before = everything()

    def broken(*_args: object, **_data: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(concerns.events, "record", broken)
    monkeypatch.setattr(concerns.events, "record_all", broken)
    with pytest.raises(InterruptedError):
        if verb == "propose":
            concerns.propose(campaign=campaign, by=None)
        else:
            concerns.decide(concern=concern, decision="talk", note="", by=manager)
    assert everything() == before


def test_the_database_takes_known_words_only() -> None:
    with refused("concern_signal"):
        ConcernFactory(signal="smell")
    with refused("concern_decision"):
        ConcernFactory(decision="ban", decided_by=factories.user(), decided_at=timezone.now())


def test_the_database_keeps_one_open_concern_of_a_person_and_signal() -> None:
    first = ConcernFactory()
    same = {"campaign": first.campaign, "person": first.person}
    with refused("concern_open_once"):
        ConcernFactory(**same)
    ConcernFactory(**same, signal=SignalName.PACE)
    decided(first)
    assert ConcernFactory(**same).pk


@pytest.mark.parametrize("left_out", ["decided_by", "decided_at"])
def test_a_decision_is_somebodys_and_an_open_concern_is_nobodys(left_out: str) -> None:
    whole = {"decision": Decision.PAUSE, "decided_by": factories.user(), "decided_at": timezone.now()}
    with refused("concern_decided_by_somebody"):
        ConcernFactory(**{**whole, left_out: None})
    for name, value in {**whole, "note": "So."}.items():
        if name != "decision":
            with refused("concern_decided_by_somebody"):
                ConcernFactory(**{name: value})


def test_a_decision_and_what_it_was_about_stay() -> None:
    concern = ConcernFactory()
    with pytest.raises((DatabaseError, InternalError)), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).update(evidence={})
    decided(concern)
    for change in ({"note": "No."}, {"decision": Decision.DISMISS}):
        with pytest.raises((DatabaseError, InternalError)), transaction.atomic():
            Concern.objects.filter(pk=concern.pk).update(**change)
    with pytest.raises((DatabaseError, InternalError)), transaction.atomic():
        concern.delete()
