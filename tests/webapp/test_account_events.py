"""What people do to their own account writes an event, whichever library does it."""

from __future__ import annotations

import re
from unittest.mock import Mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from preferences.actions import events
from preferences.models import Event
from tests import factories
from webapp.accounts.models import User
from webapp.accounts.step_events import ADDED, REMOVED

pytestmark = pytest.mark.django_db

PASSWORD = "a heron by the river"


@pytest.fixture
def ann() -> User:
    return factories.user("ann", password=PASSWORD)


@pytest.fixture
def client(ann: User) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/sign-in/", {"login": "ann", "password": PASSWORD})
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def written(ann: User) -> list[str]:
    found = Event.objects.filter(verb__in=[*ADDED.values(), *REMOVED.values()], actor=ann, subject=f"user:{ann.pk}")
    return list(found.order_by("pk").values_list("verb", flat=True))


def test_a_second_step_that_is_turned_on_or_off_writes_an_event(
    ann: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the transaction of the change: no commit comes in this test, so that nothing is told after one."""
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([7]))  # half a minute that does not end
    [secret] = re.findall(r"<code>([A-Z2-7]{32})</code>", client.get("/account/app/").content.decode())
    assert client.post("/account/app/", {"code": "000000"}).status_code == 200
    assert written(ann) == []
    right = auth.format_hotp_value(auth.hotp_value(secret, 7))
    assert client.post("/account/app/", {"code": right}).url == "/account/codes/"
    assert written(ann) == ["user.second_step_added", "user.recovery_codes_made"]
    client.post("/account/codes/new/")
    passkey = Authenticator.objects.create(user=ann, type=Authenticator.Type.WEBAUTHN, data={"name": "Mine"})
    client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))
    client.post("/account/app/off/")
    assert written(ann)[2:] == ["user.recovery_codes_made", "user.passkey_removed", "user.second_step_removed"]


def test_without_its_event_no_second_step_is_taken_away(
    ann: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    passkey = Authenticator.objects.create(user=ann, type=Authenticator.Type.WEBAUTHN, data={"name": "Mine"})
    monkeypatch.setattr(events, "record", Mock(side_effect=OperationalError))
    assert client.post(reverse("mfa_remove_webauthn", args=[passkey.pk])).status_code >= 500
    assert Authenticator.objects.filter(pk=passkey.pk).exists()
