"""No secret reaches the log, in either of its forms, however much is logged."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from annotation import invitations
from annotation.models import Role
from exports.webhooks import actions as webhooks
from tests import factories
from tests.exports.webhooks.helpers import SITE, URL
from tests.factories.second_steps import SECRET, with_app
from webapp import logs
from webapp.accounts import tokens
from webapp.logs import JSONLine
from workers.engines.base import EngineError
from workers.engines.http_endpoint import Endpoint

pytestmark = pytest.mark.django_db

PASSWORD, WRONG, NEW = "a long way to the lighthouse", "not the way to the lighthouse", "another road to the harbour"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged from now on, from DEBUG up, as lines and as JSON."""
    stream, root = io.StringIO(), logging.getLogger()
    level, handlers = root.level, [logging.StreamHandler(stream) for _ in range(2)]
    handlers[0].setFormatter(logs.Line("%(levelname)s %(name)s %(message)s"))
    handlers[1].setFormatter(JSONLine())
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def test_a_whole_tour_leaves_no_secret_in_the_log(
    logged: io.StringIO, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SENDS_EMAIL, settings.EMAIL_BACKEND = True, "django.core.mail.backends.locmem.EmailBackend"
    campaign = factories.campaign()
    secrets = [PASSWORD, WRONG, NEW, SECRET, settings.SECRET_KEY]

    _made, invitation = invitations.invite(roles=[(campaign, Role.MANAGER)], by=None, email="ann@example.org")
    client = Client(raise_request_exception=False)
    client.get(f"/invitations/{invitation}/")
    client.post(f"/invitations/{invitation}/", {"username": "ann", "password": WRONG[:5]})
    assert client.post(f"/invitations/{invitation}/", {"username": "ann", "password": PASSWORD}).status_code == 302
    secrets += [invitation, client.cookies["sessionid"].value]

    ann = campaign.memberships.get().user
    client.post("/sign-out/")
    client.post("/sign-in/", {"login": "ann", "password": WRONG})
    client.post("/sign-in/", {"login": "ann", "password": PASSWORD})
    secrets.append(client.cookies["sessionid"].value)

    _token, plain = tokens.issue(user=ann, name="a program", scopes=["export"], days=1, by=ann)
    for word in (plain, plain[:-1], f"{plain}x"):
        Client(headers={"Authorization": f"Bearer {word}"}).get("/api/v1/batches/")
    secrets.append(plain)

    _hook, secret = webhooks.register(campaign=campaign, url=URL, kinds=["batch.sealed"], site=SITE, by=ann)
    secrets.append(secret)

    type(ann).objects.filter(pk=ann.pk).update(email="ann@example.org")
    client.post("/sign-out/")
    client.post("/password/", {"email": "ann@example.org"})
    (message,) = mail.outbox
    link = next(word for word in message.body.split() if "/password/" in word)
    secrets.append(link.rstrip("/").rpartition("-")[2])
    client.get(link, follow=True)

    with_app(ann)
    client.post("/sign-in/", {"login": "ann", "password": PASSWORD})
    client.post("/sign-in/code/", {"code": "123456"})

    monkeypatch.setenv("MARGIN_OUTBOUND_ALLOW", "127.0.0.1")
    monkeypatch.setenv("MARGIN_ENGINE_KEYS", "http://127.0.0.1:9=sk-of-the-engine")
    monkeypatch.setattr("workers.engines.http_endpoint.MOST_TRIES", 1)
    with pytest.raises(EngineError) as refused:
        Endpoint("http://127.0.0.1:9/v1").get("http://127.0.0.1:9/v1/models")
    secrets.append("sk-of-the-engine")
    assert "sk-of-the-engine" not in str(refused.value)

    told = logged.getvalue()
    assert told.count("/invitations/…/") >= 4 and len(told.splitlines()) > 20
    assert [secret for secret in secrets if secret in told] == []
