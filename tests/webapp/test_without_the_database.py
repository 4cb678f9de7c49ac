"""What people are told while the database cannot be reached, wherever it is missed on the way of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from tests import factories

LOST = [OperationalError("server closed the connection"), InterfaceError("connection already closed")]


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_values: object, **_named: object) -> None:
        raise error

    return fail


@pytest.mark.django_db
@pytest.mark.parametrize("error", LOST, ids=["operational", "interface"])
@pytest.mark.parametrize(
    "place",
    ["webapp.pages.home._returned", "webapp.pages.redirects.RedirectMiddleware.__call__"],
    ids=["page", "middleware"],
)
def test_it_is_told_and_asked_to_be_tried_again(error: Exception, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(factories.user())
    monkeypatch.setattr(place, failing(error))
    answer = client.get("/")
    assert answer.status_code == 503
    assert "The database cannot be reached at this moment. Nothing new was stored" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_no_lost_database_stays_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.pages.redirects.RedirectMiddleware.__call__", failing(RuntimeError("a bug")))
    answer = Client(raise_request_exception=False).get("/sign-in/")
    assert answer.status_code == 500 and "Something broke on our side" in answer.content.decode()
