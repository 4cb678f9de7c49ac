"""The pages of an invitation: the link is shown once, leads to an account, and is over afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from annotation import invitations
from annotation.models import Invitation, Role
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ACCOUNT = {"username": "ann", "password": "a heron by the river"}


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="mine", name="Mine")


@pytest.fixture
def mara(campaign: Campaign) -> Client:
    client = Client()
    client.force_login(factories.manager(campaign))
    return client


def page(answer: Any) -> str:
    html: str = answer.content.decode()
    return html


def link_in(text: str) -> str:
    found = re.search(r"/invitations/[\w-]{43}/", text)
    assert found is not None
    return found[0]


def test_from_the_managers_form_to_the_new_persons_work(mara: Client, campaign: Campaign) -> None:
    shown = page(mara.post("/people/invitations/", {"role": ["mine:annotator"], "vendor": "Fair Work"}))
    link = link_in(shown)
    assert f"http://testserver{link}" in shown
    waiting = page(mara.get("/people/invitations/"))
    assert link not in waiting and "Mine: Annotator" in waiting
    ann = Client()
    form = ann.get(link)
    assert form.status_code == 200 and "Mine: Annotator" in page(form) and form["Cache-Control"] == "no-store"
    assert ann.post(link, ACCOUNT).url == "/"
    assert "Mine" in page(ann.get("/"))
    again = Client().get(link)
    assert again.status_code == 409 and "used already" in page(again)
    assert User.objects.get(username="ann").vendor == "Fair Work"


def test_what_was_typed_stays_and_the_password_does_not(mara: Client) -> None:
    link = link_in(page(mara.post("/people/invitations/", {"role": ["mine:annotator"]})))
    answer = Client().post(link, {"username": "ann", "password": "xyz123", "first_name": "Änn"})
    assert answer.status_code == 422 and "at least 12 characters" in page(answer)
    assert 'value="ann"' in page(answer) and 'value="Änn"' in page(answer) and "xyz123" not in page(answer)
    refused = mara.post("/people/invitations/", {"email": "nobody", "role": ["mine:reviewer"], "vendor": "Fair"})
    assert refused.status_code == 422 and "no e-mail address" in page(refused)
    assert 'value="nobody"' in page(refused) and re.search(r'value="mine:reviewer" checked', page(refused))


def test_who_is_signed_in_joins_with_their_account(mara: Client) -> None:
    link = link_in(page(mara.post("/people/invitations/", {"role": ["mine:annotator"]})))
    bob, client = factories.user("bob"), Client()
    client.force_login(bob)
    assert bob.pseudonym in page(client.get(link))
    for _ in range(2):
        assert client.post(link, {"join": "1"}).url == "/"
    assert bob.memberships.get().role == Role.ANNOTATOR


@pytest.mark.parametrize("word", ["foreign:annotator", "mine:king", "mine", "", "\x00:annotator", "mine:annotator:"])
def test_a_role_that_is_not_offered_is_refused(mara: Client, word: str) -> None:
    factories.campaign(slug="foreign")
    answer = mara.post("/people/invitations/", {"role": ["mine:annotator", word]})
    assert answer.status_code == 422 and "roles that are shown" in page(answer)
    assert not Invitation.objects.exists()


def test_another_managers_invitation_cannot_be_withdrawn(mara: Client, campaign: Campaign) -> None:
    foreign = factories.campaign()
    theirs, _token = invitations.invite(roles=[(foreign, Role.ANNOTATOR)], by=None)
    mine, token = invitations.invite(roles=[(campaign, Role.ANNOTATOR)], by=None)
    assert mara.post(f"/people/invitations/{theirs.pk}/withdraw/").status_code == 404
    assert mara.post(f"/people/invitations/{mine.pk}/withdraw/").url == "/people/invitations/"
    assert "was withdrawn" in page(Client().get(f"/invitations/{token}/"))


@pytest.mark.parametrize("who", ["annotator", "nobody"])
def test_inviting_is_for_managers(campaign: Campaign, who: str) -> None:
    client = Client()
    if who == "annotator":
        client.force_login(factories.annotator(campaign))
    for call in (client.get, client.post):
        assert call("/people/invitations/", {"role": ["mine:manager"]}).status_code in {302, 403}
    assert not Invitation.objects.exists()


def test_an_email_goes_out_where_the_site_sends_some(mara: Client, settings: Any) -> None:
    sent = {"role": ["mine:annotator"], "email": "ann@example.org"}
    assert "Copy the link" in page(mara.post("/people/invitations/", sent)) and not mail.outbox
    settings.SENDS_EMAIL = True
    shown = page(mara.post("/people/invitations/", sent))
    assert "It was sent to ann@example.org" in shown
    assert mail.outbox[0].to == ["ann@example.org"] and link_in(shown) in str(mail.outbox[0].body)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there
    settings.EMAIL_HOST = "127.0.0.1"
    assert "did not go out" in page(mara.post("/people/invitations/", sent))


def test_the_first_manager_is_invited_from_the_command_line(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite", "mine:manager", "mine:annotator", address="https://margin.example.org/")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://margin.example.org/invitations/")
    client = Client()
    client.post(link_in(link), ACCOUNT)
    assert client.get("/people/").status_code == 200
    for word in ("mine", "none:manager", "mine:king"):
        with pytest.raises(CommandError, match="no CAMPAIGN:ROLE"):
            call_command("invite", word)
