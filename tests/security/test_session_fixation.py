"""A session that somebody had before is none after: at signing in, at a new password, at signing out elsewhere."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests import factories
from tests.factories.second_steps import confirmed

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "a long way to the lighthouse", "another road to the harbour"


def test_signing_in_and_a_new_password_draw_the_session_anew() -> None:
    ann = factories.user("ann", password=PASSWORD)
    planted = Client()
    session = planted.session
    session["planted"] = "by somebody else"
    session.save()
    planted.cookies["sessionid"] = session.session_key
    assert planted.post("/sign-in/", {"login": "ann", "password": PASSWORD}).status_code == 302
    own = planted.cookies["sessionid"].value
    assert own != session.session_key and not Session.objects.filter(pk=session.session_key).exists()

    client, other = confirmed(ann), confirmed(ann)
    before = client.cookies["sessionid"].value
    changed = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert changed.status_code == 302
    assert client.cookies["sessionid"].value != before
    assert client.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == planted.get("/settings/").status_code == 302


def test_signing_out_elsewhere_ends_every_other_session() -> None:
    factories.user("ann", password=PASSWORD)
    clients = [Client() for _ in range(3)]
    for client in clients:
        client.post("/sign-in/", {"login": "ann", "password": PASSWORD})
    here, *elsewhere = clients
    assert here.post("/account/sessions/").status_code == 302
    assert here.get("/settings/").status_code == 200
    assert [client.get("/settings/").status_code for client in elsewhere] == [302, 302]
