"""Managers look for what was done in their campaigns; everybody else sees nothing of it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from annotation import memberships
from annotation.models import Role
from preferences import origin
from preferences.actions import campaigns, events
from preferences.models import Campaign, Event
from tests import factories
from webapp import event_search
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def manager(campaign: Campaign) -> User:
    return factories.manager(campaign)


@pytest.fixture
def client(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def verbs(client: Client, **asked: Any) -> list[str]:
    answer = client.get("/events/", asked)
    assert answer.status_code == 200
    return re.findall(r'<a href="\?[^"]*verb=[^"]*">[^<]*<code>([a-z_.]+)</code>', answer.content.decode())


def test_a_manager_sees_the_events_of_their_campaigns_and_no_others(client: Client, campaign: Campaign) -> None:
    other = factories.campaign()
    campaigns.pause(campaign=campaign, by=None)
    campaigns.pause(campaign=other, by=None)
    events.record("variant.retired", campaign, by=None)  # of no campaign
    answer = client.get("/events/").content.decode()
    assert f"campaign:{campaign.pk}<" in answer and f"campaign:{other.pk}<" not in answer
    assert "<code>variant.retired" not in answer
    assert verbs(client, campaign=other.slug) == []
    client.force_login(factories.user(is_superuser=True))
    assert "variant.retired" in verbs(client)


def test_of_no_campaign_a_manager_sees_what_was_done_to_their_people_and_by_themselves(
    client: Client, campaign: Campaign, manager: User
) -> None:
    person, stranger = factories.annotator(campaign), factories.annotator(factories.campaign())
    with origin.coming(door="web"):
        events.record("user.password_changed", person, by=person)
        events.record("user.passkey_added", stranger, by=stranger)
        events.record("care.chosen", campaign, by=person)
        events.record("token.issued", campaign, by=manager)
        events.record("invitation.sent", campaign, by=stranger)
    assert verbs(client)[:2] == ["token.issued", "user.password_changed"]
    assert (
        verbs(client, verb="care") == verbs(client, verb="invitation") == verbs(client, person=stranger.pseudonym) == []
    )
    assert "A password changed" in client.get("/events/").content.decode()
    memberships.remove(membership=person.memberships.get(), by=manager)
    assert "user.password_changed" not in verbs(client)


def test_what_is_rarely_done_is_looked_up_among_many(client: Client, campaign: Campaign, manager: User) -> None:
    person = factories.annotator(campaign)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_event (at, verb, subject, data)"
            " SELECT now(), 'judgment.recorded', 'judgment:' || n, '{}' FROM generate_series(1, 20000) n"
        )
        cursor.execute("ANALYZE preferences_event")
    events.record("user.paused", person, by=None)
    seen = event_search.visible(manager)
    for asked in ({"verb": "campaign.closed"}, {"verb": "erasure"}):
        plan = event_search.find(Event.objects.all(), asked).order_by("-pk")[:51].explain()
        assert "event_verb" in plan and "Seq Scan" not in plan, plan
    plan = seen.order_by("-pk")[:51].explain()
    assert "BitmapOr" in plan and "Seq Scan" not in plan, plan
    assert verbs(client)[0] == "user.paused"


def test_who_manages_nothing_sees_nothing(campaign: Campaign) -> None:
    for role in (Role.ANNOTATOR, Role.REVIEWER, Role.ENGINEER):
        person, client = factories.user(), Client()
        memberships.add(user=person, campaign=campaign, role=role, by=None)
        client.force_login(person)
        assert client.get("/events/").status_code == 403


def test_they_are_found_by_who_what_to_what_when_and_of_which_request(client: Client, campaign: Campaign) -> None:
    person = factories.annotator(campaign)
    with origin.coming(request_id="the-request-1", door="api", address="203.0.113.9"):
        events.record("batch.sealed", campaign, by=person, campaign=campaign)
    events.record("batch.renewed", campaign, by=None, campaign=campaign)
    events.record("batches.counted", campaign, by=None, campaign=campaign)
    assert verbs(client, person=person.pseudonym) == ["batch.sealed", "guideline.read"]
    assert verbs(client, verb="batch") == ["batch.renewed", "batch.sealed"]
    assert verbs(client, verb="batch.sealed") == verbs(client, request="the-request-1") == ["batch.sealed"]
    assert verbs(client, subject="campaign:0") == []
    day = datetime.now(UTC).date().isoformat()
    assert verbs(client, verb="batch.sealed", since=day, until=day) == ["batch.sealed"]
    assert "batch.sealed" in verbs(client, since="0001-01-01", until="9999-12-31")
    assert verbs(client, until="2020-01-01") == verbs(client, since="2999-01-01") == []
    found = client.get("/events/", {"verb": "batch.sealed"}).content.decode()
    assert "203.0.113.0/24" in found and "203.0.113.9" not in found and "?request=the-request-1" in found


def test_pages_go_back_in_time_and_nothing_that_is_written_meanwhile_moves_them(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_search, "ON_A_PAGE", 2)
    for name in "abcde":
        events.record(f"x.{name}", campaign, by=None, campaign=campaign)
    first = client.get("/events/", {"verb": "x"})
    assert verbs(client, verb="x") == ["x.e", "x.d"]
    [older] = re.findall(r'href="(\?[^"]*before=[^"]*)"', first.content.decode())
    events.record("x.f", campaign, by=None, campaign=campaign)
    second = client.get(f"/events/{html.unescape(older)}").content.decode()
    assert re.findall(r"<code>(x\.\w)</code>", second) == ["x.c", "x.b"] and "verb=x" in second


@pytest.mark.parametrize(
    "asked",
    [{"since": "yesterday"}, {"until": "2026-02-30"}, {"since": "９９"}],
    ids=["words", "no such day", "wide digits"],
)
def test_what_is_no_day_is_said_and_kept(client: Client, asked: dict[str, str]) -> None:
    answer = client.get("/events/", asked | {"verb": "typed.verb"})
    assert answer.status_code == 422
    assert "Write the day as 2026-11-20." in answer.content.decode() and "typed.verb" in answer.content.decode()


@pytest.mark.parametrize(
    "asked", [{"person": "a\x00b"}, {"before": "x"}, {"before": "9" * 40}, {"verb": "%_"}], ids=str
)
def test_anything_else_finds_something_or_nothing(client: Client, asked: dict[str, str]) -> None:
    assert client.get("/events/", asked).status_code == 200


def test_of_what_was_before_and_after_only_what_changed_is_shown(campaign: Campaign) -> None:
    told = Event(data={"before": {"a": 1, "b": 2}, "after": {"a": 1, "b": 3, "c": 4}, "reason": "Because."})
    assert event_search.changes(told) == [
        event_search.Change("b", 3, 2, is_changed=True),
        event_search.Change("c", 4, None, is_changed=True),
        event_search.Change("reason", "Because."),
    ]
    assert event_search.changes(Event(data={"before": 5, "after": 6})) == [
        event_search.Change("", 6, 5, is_changed=True)
    ]
    assert event_search.changes(Event(data={"after": 6})) == [event_search.Change("after", 6)]


def test_values_are_shown_as_json_and_people_by_their_pseudonym(client: Client, campaign: Campaign) -> None:
    person = factories.user()
    events.record("user.x", person, by=None, campaign=campaign, made_of=[{"name": "a", "is_new": True}], mix="")
    events.record("membership.x", campaign, by=None, campaign=campaign, user=person.pk, key=person.pseudonym)
    found = html.unescape(client.get("/events/", {"verb": "user"}).content.decode())
    assert '<code>[{"name":"a","is_new":true}]</code>' in found and "<code>–</code>" in found
    assert f"<small>{person.pseudonym}</small>" in found
    assert f"<small>{person.pseudonym}</small>" in client.get("/events/", {"verb": "membership"}).content.decode()


def test_what_it_was_done_to_is_shown_whole_so_that_it_can_be_copied(client: Client, campaign: Campaign) -> None:
    batch = factories.batch(campaign)
    events.record("batch.x", batch, by=None, campaign=campaign)
    found = client.get("/events/", {"subject": f"batch:{batch.pk}"}).content.decode()
    assert f"<code>batch:{batch.pk}</code>" in found


def test_the_overview_leads_there(client: Client) -> None:
    assert 'href="/events/"' in client.get("/overview/").content.decode()


def test_what_people_wrote_is_text_on_the_page(client: Client, campaign: Campaign) -> None:
    events.record("x.y", campaign, by=None, campaign=campaign, note="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get("/events/").content.decode()
