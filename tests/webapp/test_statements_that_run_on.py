"""A statement that runs on and on does not keep a web server's thread: it is broken off, and who asked is told."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client

from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.environment import STATEMENT_SECONDS, limited

pytestmark = pytest.mark.django_db
SENTENCE = "longer than 30 seconds, so that it was broken off. Nothing new was stored"


def run_on(*_values: object, **_named: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60)")


def test_the_web_process_alone_limits_its_statements(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    database = settings.DATABASES["default"]
    assert "statement_timeout" not in database["OPTIONS"].get("options", "")
    monkeypatch.setitem(database, "OPTIONS", database["OPTIONS"])  # put back when the test is over
    monkeypatch.setattr("django.core.wsgi.get_wsgi_application", lambda: None)
    runpy.run_module("webapp.wsgi")
    assert database["OPTIONS"]["options"] == f"-c statement_timeout={STATEMENT_SECONDS}s"


def test_a_connection_of_it_breaks_off_and_goes_on() -> None:
    one_second = {**connection.settings_dict, "OPTIONS": limited(connection.settings_dict["OPTIONS"], 1)}
    web = DatabaseWrapper(one_second)
    try:
        with web.cursor() as cursor:
            with pytest.raises(OperationalError, match="statement timeout"):
                cursor.execute("SELECT pg_sleep(60)")
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
    finally:
        web.close()


def test_what_the_url_says_of_a_connection_stands() -> None:
    assert limited({"options": "-c work_mem=64MB"}, 5)["options"] == "-c statement_timeout=5s -c work_mem=64MB"


@pytest.mark.parametrize(
    "place",
    ["webapp.pages.home._returned", "webapp.pages.redirects.RedirectMiddleware.__call__"],
    ids=["page", "middleware"],
)
def test_a_person_is_told(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(factories.user())
    monkeypatch.setattr(place, run_on)
    answer = client.get("/")
    assert answer.status_code == 503 and SENTENCE in answer.content.decode()


def test_a_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    client = program(factories.manager(factories.campaign()))
    monkeypatch.setattr("webapp.api.v1.campaigns.Campaigns.get", run_on)
    client.raise_request_exception = False
    answer = client.get("/api/v1/campaigns/")
    refused(answer, 503, "unavailable")
    assert SENTENCE in answer.json()["message"]
