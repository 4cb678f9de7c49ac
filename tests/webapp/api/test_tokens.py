"""Access tokens: shown once, kept as a hash, ended by time, by hand and with the account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Event
from tests import factories
from tests.clock import Clock
from tests.webapp.api.clients import program, refused
from webapp.accounts import tokens
from webapp.accounts.models import AccessToken, Scope, User

pytestmark = pytest.mark.django_db
BATCHES = "/api/v1/batches/"


@pytest.fixture
def user() -> User:
    return factories.manager(factories.campaign(slug="helpful"))


def issue(user: User, **changed: Any) -> tuple[AccessToken, str]:
    return tokens.issue(**{"user": user, "name": "nightly", "scopes": [Scope.EXPORT], "days": 30, "by": user} | changed)


def test_the_token_itself_is_stored_nowhere(user: User) -> None:
    token, plain = issue(user)
    assert plain.startswith("margin_") and len(plain) > 45 and token.hint == plain[-4:]
    stored = [*AccessToken.objects.values_list(), *Event.objects.values_list()]
    assert plain not in str(stored)
    assert tokens.find(plain) == token and tokens.find(plain[:-1]) is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": None}, "days"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_is_said_by_its_field(user: User, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        issue(user, **changed)
    assert refusal.value.field == field and not AccessToken.objects.exists()


def test_the_page_that_shows_it_once_has_a_button_that_copies_it(user: User) -> None:
    client = Client()
    client.force_login(user)
    asked = {"name": "nightly", "days": "30", "scopes": ["export"]}
    page = client.post("/account/tokens/", asked).content.decode()
    assert 'id="token" value="margin_' in page and 'data-copies="token"' in page and "copy.js" in page
    assert "data-copies" not in client.get("/account/tokens/").content.decode()


def test_nobody_makes_or_revokes_one_for_another(user: User) -> None:
    token, _plain = issue(user)
    other = factories.user()
    with pytest.raises(NotAllowed):
        issue(user, by=other)
    with pytest.raises(NotAllowed):
        tokens.revoke(token=token, by=other)
    tokens.revoke(token=token, by=user)
    tokens.revoke(token=token, by=user)
    assert list(Event.objects.filter(verb__startswith="token.").values_list("verb", flat=True)) == [
        "token.issued",
        "token.revoked",
    ]


def test_there_are_not_more_than_anybody_can_watch(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    token, _plain = issue(user)
    with pytest.raises(Conflict):
        issue(user)
    tokens.revoke(token=token, by=user)
    issue(user)


def test_one_that_has_ended_or_was_revoked_opens_nothing(user: User, clock: Clock) -> None:
    (_token, ended), (revoked, plain) = issue(user, days=1), issue(user, days=1)
    tokens.revoke(token=revoked, by=user)
    refused(Client(headers={"Authorization": f"Bearer {plain}"}).get(BATCHES), 401, "authentication_failed")
    client = Client(headers={"Authorization": f"Bearer {ended}"})
    assert client.get(BATCHES).status_code == 200
    clock.goes(days=1)
    answer = client.get(BATCHES)
    refused(answer, 401, "authentication_failed")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_closed_account_has_no_token(user: User) -> None:
    client = program(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    refused(client.get(BATCHES), 401, "authentication_failed")


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpw", "Bearer", "Bearer a b", "Bearer margin_x", "Bearer \xff"])
def test_no_other_way_in(user: User, header: str) -> None:
    client = Client()
    client.force_login(user)  # a session is none
    headers = {"Authorization": header} if header else {}
    response = client.get(BATCHES, headers=headers)
    refused(response, 401, "authentication_failed" if header else "not_authenticated")


def test_a_scope_is_asked_for_by_name(user: User) -> None:
    refused(program(user, Scope.JUDGE).get(BATCHES), 403, "missing_scope")
    assert program(user, Scope.JUDGE).head(BATCHES).status_code == 403
    assert program(user, Scope.EXPORT).head(BATCHES).status_code == 200


def test_its_use_is_noted_to_the_minute(user: User, clock: Clock) -> None:
    _token, plain = issue(user)
    tokens.find(plain)
    first = AccessToken.objects.get().used_at
    assert first is not None
    clock.goes(seconds=30)
    tokens.find(plain)
    assert AccessToken.objects.get().used_at == first
    clock.goes(seconds=31)
    tokens.find(plain)
    assert AccessToken.objects.get().used_at == first + timedelta(seconds=61)


def test_the_database_keeps_scopes_and_ends(user: User) -> None:
    token, _plain = issue(user)
    for constraint, changed in {
        "access_token_scopes": {"scopes": ["all"]},
        "access_token_ends": {"expires_at": timezone.now() - timedelta(days=1)},
    }.items():
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            AccessToken.objects.filter(pk=token.pk).update(**changed)
    with pytest.raises(IntegrityError, match="access_token_scopes"), transaction.atomic():
        AccessToken.objects.filter(pk=token.pk).update(scopes=[])


def test_the_page_shows_a_token_once_and_keeps_what_was_typed(user: User) -> None:
    client = Client()
    client.force_login(user)
    bad = client.post("/account/tokens/", {"name": "nightly <b>", "scopes": ["export"], "days": "soon"})
    assert bad.status_code == 422 and b"nightly &lt;b&gt;" in bad.content and b'value="export" checked' in bad.content
    page = client.post("/account/tokens/", {"name": "nightly", "scopes": ["export"], "days": "30"}).content.decode()
    plain = page.split('value="margin_')[1].split('"')[0]
    assert tokens.find(f"margin_{plain}") is not None
    again = client.get("/account/tokens/").content.decode()
    assert plain not in again and f"…{plain[-4:]}" in again and "nightly" in again
    token = AccessToken.objects.get()
    stranger = Client()
    stranger.force_login(factories.user())
    assert stranger.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert client.post(f"/account/tokens/{token.pk}/revoke/").url == "/account/tokens/"
    assert tokens.find(f"margin_{plain}") is None
