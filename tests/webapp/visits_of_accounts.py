"""Visits to the pages of signing in and of one's account, for the test that looks for English words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, override_settings

from tests import factories
from webapp.accounts import tokens
from webapp.accounts.models import AccessToken, User

# A page without a database, whose words are in error.html as well, and what needs a passkey or a code of an app, which
# tests/browser/test_accounts.py has.
NOT_MET = {"bare.html", "passkey.html", "recovery_codes.html"}
PASSWORD = "小林的长长的密码一二三四"

Visits = dict[str, Callable[[], Any]]


def visits(answer: Callable[[Any], Any]) -> Visits:
    person, stranger = factories.user("小刘", password=PASSWORD), Client(headers={"accept-language": "zh-CN"})
    User.objects.filter(pk=person.pk).update(language="zh-hans")
    client, careful = _signed_in("小刘"), _signed_in(factories.user("小周", password=PASSWORD).username)
    key = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "钥匙"})
    apps = factories.user("小吴", password=PASSWORD)
    Authenticator.objects.create(user=apps, type=Authenticator.Type.TOTP, data={"secret": "x"})
    protected = Client(headers={"accept-language": "zh-CN"})
    protected.force_login(apps)
    for asked in (client, protected):
        asked.post("/account/confirm/", {"password": PASSWORD})
    pages = {name: _get(client, f"/account/{name}/", answer) for name in ("password", "sessions", "app", "codes/new")}
    tokens.issue(user=person, name="夜间", scopes=["export"], days=30, by=person)
    return {
        **pages,
        **_with_email(stranger, answer),
        "tokens": _get(client, "/account/tokens/", answer),
        "the API": _get(client, "/api/v1/docs/", answer),
        "a token": lambda: answer(client.post("/account/tokens/", {"name": "程序", "scopes": "work", "days": "9"})),
        "a token that is revoked": lambda: answer(_revoked(client)),
        "no token": lambda: answer(client.post("/account/tokens/", {"name": "程序", "days": "9"})),
        "account": _get(client, "/account/", answer),
        "own data": lambda: answer(_index(client.post("/account/data/"))),
        "no code any more": _get(protected, "/account/app/off/", answer),
        "remove a passkey": _get(client, f"/account/passkeys/{key.pk}/remove/", answer),
        "confirm": _get(careful, "/account/confirm/", answer),
        "a wrong code": lambda: answer(client.post("/account/app/", {"code": "1"})),
        "a wrong old password": lambda: answer(client.post("/account/password/", {"oldpassword": "不对"})),
        "second step": lambda: answer(_first_step().get("/sign-in/code/")),
        "closed": _get(stranger, "/sign-in/closed/", answer),
        "too many attempts": lambda: answer(_often(stranger)),
    }


def _index(response: Any) -> HttpResponse:
    """The page within the .zip, as if it had been answered."""
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as packed:
        [name] = [name for name in packed.namelist() if name.endswith("/index.html")]
        page = HttpResponse(packed.read(name))
    page.templates = response.templates  # type: ignore[attr-defined]
    return page


def _signed_in(name: str) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.post("/sign-in/", {"login": name, "password": PASSWORD})
    return client


def _revoked(client: Client) -> Any:
    client.post(f"/account/tokens/{AccessToken.objects.latest('created_at').pk}/revoke/")
    return client.get("/account/tokens/")


def _first_step() -> Client:
    """Of somebody who has set up an app."""
    return _signed_in("小吴")


def _often(stranger: Client) -> Any:
    for _ in range(21):
        last = stranger.post("/sign-in/passkey/")
    cache.clear()
    return last


def _get(client: Client, address: str, answer: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: answer(client.get(address))


def _with_email(stranger: Client, answer: Callable[[Any], Any]) -> Visits:
    def visit(address: str) -> Callable[[], Any]:
        def go() -> Any:
            with override_settings(SENDS_EMAIL=True):
                return answer(stranger.get(address))

        return go

    return {
        address: visit(address) for address in ("/password/", "/password/sent/", "/password/done/", "/password/1-x/")
    }
