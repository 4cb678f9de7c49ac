"""People, their roles, invitations and what was done, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from annotation import memberships, people
from annotation.models import Invitation, Membership, Role
from preferences.models import Campaign, Event
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import User
from webapp.api import idempotency

pytestmark = pytest.mark.django_db
PEOPLE, INVITATIONS, EVENTS = "/api/v1/people/", "/api/v1/invitations/", "/api/v1/events/"
JSON = "application/json"


def test_a_manager_finds_their_people_and_no_others(campaign: Campaign, boss: User, client: Client) -> None:
    ann, other = factories.annotator(campaign, "ann"), factories.annotator(factories.campaign(slug="elsewhere"))
    memberships.add(user=ann, campaign=Campaign.objects.get(slug="elsewhere"), role=Role.REVIEWER, by=None)
    listed = client.get(PEOPLE).json()["results"]
    assert [one["pseudonym"] for one in listed] == sorted([ann.pseudonym, boss.pseudonym])
    told = client.get(f"{PEOPLE}{ann.pseudonym}/").json()
    assert told["username"] == "ann" and told in listed
    assert [(role["campaign"], role["role"]) for role in told["roles"]] == [("helpful", "annotator")]
    for asked in ({"role": "annotator"}, {"q": "ann"}, {"campaign": "helpful", "role": "annotator"}):
        assert [one["username"] for one in client.get(PEOPLE, asked).json()["results"]] == ["ann"]
    assert client.get(PEOPLE, {"campaign": "elsewhere"}).json()["results"] == []
    refused(client.get(f"{PEOPLE}{other.pseudonym}/"), 404, "not_found")
    refused(program(ann).get(PEOPLE), 403, "not_allowed")
    refused(program(ann).get(f"{PEOPLE}{ann.pseudonym}/"), 403, "not_allowed")


def test_an_account_is_described_paused_and_resumed(campaign: Campaign, boss: User, client: Client) -> None:
    ann = factories.annotator(campaign)
    address = f"{PEOPLE}{ann.pseudonym}/"
    described = client.patch(address, {"locale": "en-US"}, content_type=JSON).json()
    assert (described["locale"], described["vendor"]) == ("en-US", "")
    assert set(refused(client.patch(address, {"locale": "English?"}, content_type=JSON), 422, "invalid")) == {"locale"}
    refused(client.patch(address, {"username": "boss"}, content_type=JSON), 400, "invalid")
    paused = client.post(f"{address}pause/", {"reason": "Too fast."}, content_type=JSON).json()
    assert paused["paused_at"] and paused["paused_reason"] == "Too fast."
    assert client.post(f"{address}resume/").json()["paused_at"] is None
    refused(client.post(f"{PEOPLE}{boss.pseudonym}/pause/", {"reason": "Me."}, content_type=JSON), 403, "not_allowed")
    memberships.add(user=ann, campaign=factories.campaign(), role=Role.ANNOTATOR, by=None)
    refused(client.post(f"{address}pause/", {"reason": "Too fast."}, content_type=JSON), 403, "not_allowed")
    ann.refresh_from_db()
    assert ann.paused_at is None


def test_roles_are_given_paused_and_taken(campaign: Campaign, client: Client) -> None:
    ann, elsewhere = factories.annotator(campaign), factories.campaign(slug="elsewhere")
    roles = f"{PEOPLE}{ann.pseudonym}/roles/"
    given = client.post(roles, {"campaign": "helpful", "role": "reviewer"}, content_type=JSON)
    assert given.status_code == 201 and given.json()["role"] == "reviewer"
    address = f"{roles}{given.json()['id']}/"
    assert client.post(f"{address}pause/", {"reason": "Away."}, content_type=JSON).json()["paused_reason"] == "Away."
    assert client.post(f"{address}resume/").json()["paused_at"] is None
    role = client.get(address)
    assert role.json()["campaign"] == "helpful"
    refused(client.delete(address, headers={"If-Match": '"another"'}), 412, "changed")
    assert client.delete(address, headers={"If-Match": role["ETag"]}).status_code == 204
    refused(client.delete(address), 404, "not_found")
    refused(client.post(roles, {"campaign": "elsewhere", "role": "manager"}, content_type=JSON), 403, "not_allowed")
    theirs = memberships.add(user=ann, campaign=elsewhere, role=Role.REVIEWER, by=None)
    refused(client.delete(f"{roles}{theirs.pk}/"), 404, "not_found")
    assert set(Membership.objects.filter(user=ann).values_list("role", flat=True)) == {Role.ANNOTATOR, Role.REVIEWER}


def test_an_invitation_is_sent_shown_without_its_link_and_withdrawn(
    campaign: Campaign, client: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SENDS_EMAIL = True
    sent = {"roles": [{"campaign": "helpful", "role": "annotator"}], "email": "ann@example.com"}
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post(INVITATIONS, sent, content_type=JSON)
    assert made.status_code == 201 and made.json()["to_be_mailed"] is True
    assert made.json()["link"] in mail.outbox[0].body
    [waiting] = client.get(INVITATIONS).json()["results"]
    assert waiting["roles"] == sent["roles"] and "link" not in waiting
    assert client.get(f"{INVITATIONS}{waiting['id']}/").json() == waiting
    assert client.delete(f"{INVITATIONS}{waiting['id']}/").status_code == 204
    assert client.get(INVITATIONS).json()["results"] == []
    refused(client.delete(f"{INVITATIONS}{waiting['id']}/"), 404, "not_found")
    factories.campaign(slug="elsewhere")
    foreign = {"roles": [{"campaign": "elsewhere", "role": "manager"}]}
    refused(client.post(INVITATIONS, foreign, content_type=JSON), 422, "invalid")
    assert "roles.0.role" in refused(
        client.post(INVITATIONS, {"roles": [{"campaign": "helpful", "role": "king"}]}, content_type=JSON),
        400,
        "invalid",
    )
    assert Invitation.objects.count() == 1


def test_an_invitation_that_is_rolled_back_is_not_mailed(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SENDS_EMAIL = True
    client.raise_request_exception = False
    sent = {"roles": [{"campaign": "helpful", "role": "annotator"}], "email": "ann@example.com"}
    again = {"content_type": JSON, "headers": {"Idempotency-Key": "ann"}}
    monkeypatch.setattr(idempotency, "_keep", Mock(side_effect=OperationalError))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(INVITATIONS, sent, **again).status_code >= 500
    assert mail.outbox == [] and not Invitation.objects.exists()
    monkeypatch.undo()
    settings.SENDS_EMAIL = True
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post(INVITATIONS, sent, **again)
    assert [one.to for one in mail.outbox] == [["ann@example.com"]] and made.json()["link"] in mail.outbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(INVITATIONS, sent, **again).content == made.content
    assert len(mail.outbox) == 1


def test_events_are_found_by_what_was_done_to_what_by_whom_and_when(
    campaign: Campaign, boss: User, client: Client
) -> None:
    ann = factories.annotator(campaign)
    [membership] = ann.memberships.all()
    memberships.pause(membership=membership, reason="Too fast.", by=boss)
    factories.campaign(slug="elsewhere")
    now = timezone.now()
    for asked in (
        {"verb": "membership.paused"},
        {"verb": "membership", "person": boss.pseudonym},
        {"person": boss.pseudonym, "campaign": "helpful"},
        {"subject": f"membership:{membership.pk}", "verb": "membership.paused", "until": now.isoformat()},
    ):
        [found] = client.get(EVENTS, asked).json()["results"]
        assert (found["verb"], found["person"], found["data"]["reason"]) == (
            "membership.paused",
            boss.pseudonym,
            "Too fast.",
        )
    assert client.get(f"{EVENTS}{found['id']}/").json() == found
    made = client.patch("/api/v1/campaigns/helpful/", {"priority": 3}, content_type=JSON)
    [asked] = client.get(EVENTS, {"verb": "campaign.queue_arranged"}).json()["results"]
    assert made.status_code == 200 and (asked["door"], asked["through"][:6]) == ("api", "token:")
    assert client.get(EVENTS, {"request": asked["request_id"]}).json()["results"] == [asked]
    assert client.get(EVENTS, {"since": (now + timedelta(days=1)).isoformat()}).json()["results"] == []
    assert set(refused(client.get(EVENTS, {"since": "yesterday"}), 400, "invalid")) == {"since"}
    listed = client.get(EVENTS).json()["results"]
    assert {one["campaign"] for one in listed} == {"helpful", None}
    assert {one["verb"] for one in listed if one["campaign"] is None} == {"token.issued", "user.created"}


def test_events_of_the_accounts_of_others_are_for_administrators(campaign: Campaign, client: Client) -> None:
    theirs, elsewhere = factories.annotator(campaign), factories.annotator(factories.campaign())
    for person in (theirs, elsewhere):
        people.pause(user=person, reason="Too fast.", by=None)
    seen, hidden = (Event.objects.get(verb="user.paused", subject=f"user:{one.pk}") for one in (theirs, elsewhere))
    assert client.get(f"{EVENTS}{seen.pk}/").json()["subject"] == f"user:{theirs.pk}"
    refused(client.get(f"{EVENTS}{hidden.pk}/"), 404, "not_found")
    administrator = program(factories.user(is_superuser=True))
    assert administrator.get(f"{EVENTS}{hidden.pk}/").json()["campaign"] is None
    refused(program(factories.user()).get(EVENTS), 403, "not_allowed")
