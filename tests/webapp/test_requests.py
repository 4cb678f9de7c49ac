"""The id of a request: given or made, answered, in the log of the request and of what it caused."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from rest_framework.request import Request

from preferences import origin
from preferences.actions import events
from preferences.models import Event
from tests import factories
from webapp import celery as carrying
from webapp import logs, requests
from webapp.accounts import tokens
from webapp.api.authentication import TokenAuthentication
from workers import tasks


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged from now on, as JSON."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.JSONLine())
    logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    yield handler.stream
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(before)


def lines(told: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


@pytest.mark.django_db
def test_the_id_that_a_proxy_gave_is_answered_and_in_the_log(told: io.StringIO) -> None:
    answer = Client().get("/sign-in/?next=/secret/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    (line,) = lines(told)
    assert line["message"].startswith("GET /sign-in/ 200 ")
    known = ("request_id", "door", "method", "view", "status", "address", "level", "logger")
    assert [line[name] for name in known] == [
        "from-the-proxy-1", "web", "GET", "sign_in", 200, "127.0.0.1", "INFO", "webapp.requests",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "short", "with space in it", "a" * 65, "quote\"and'more", "línea-longa"])
def test_any_other_id_is_replaced(given: str) -> None:
    first, second = (Client().get("/sign-in/", headers={"X-Request-ID": given})["X-Request-ID"] for _ in range(2))
    assert origin.WELL_FORMED.fullmatch(first) and first != second and given not in {first, second}


def test_what_is_logged_after_a_request_does_not_carry_its_id(told: io.StringIO) -> None:
    with origin.coming(request_id="the-request-1", door="web"):
        logging.getLogger("any").warning("inside")
    logging.getLogger("any").warning("outside")
    assert [line.get("request_id") for line in lines(told)] == ["the-request-1", None]


def test_an_error_is_told_whole_on_one_line_with_the_id(told: io.StringIO) -> None:
    with origin.coming(request_id="the-request-1", door="web"):
        try:
            raise RuntimeError("two\nlines")
        except RuntimeError:
            logging.getLogger("any").exception("It broke:\n%s", "here", extra={"tries": 3, "thing": object()})
    (line,) = lines(told)
    assert (line["message"], line["request_id"], line["tries"]) == ("It broke:\nhere", "the-request-1", 3)
    assert "RuntimeError: two\nlines" in line["error"] and "thing" not in line


def test_what_people_read_has_the_id_at_the_end() -> None:
    record = logging.LogRecord("any", logging.INFO, "", 0, "done", (), None)
    assert logs.Line("%(message)s").format(record) == "done"
    with origin.coming(request_id="the-request-1", door="web"):
        assert logs.Line("%(message)s").format(record) == "done [the-request-1]"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("token margin_abcDEF123-_xyzABC456789 refused", "token margin_… refused"),
        ("signed by whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODk=", "signed by whsec_…"),
        ("cannot reach postgresql://margin:p/a:ss@db:5432/margin", "cannot reach postgresql://margin:…@db:5432/margin"),
        ("broker redis://:geheim@redis:6379/0 is away", "broker redis://:…@redis:6379/0 is away"),
        ("GET /invitations/abc.def/ 200", "GET /invitations/…/ 200"),
        (
            "see http://127.0.0.1:8000/batches/ and margin_table_of_all",
            "see http://127.0.0.1:8000/batches/ and margin_table_of_all",
        ),
    ],
    ids=["token", "webhook", "database", "broker", "invitation", "nothing"],
)
def test_no_secret_is_in_either_form_wherever_it_stands(said: str, kept: str) -> None:
    record = logging.LogRecord("any", logging.INFO, "", 0, said, (), None)
    record.where = said
    assert logs.Line("%(message)s").format(record) == kept
    line = json.loads(logs.JSONLine().format(record))
    assert (line["message"], line["where"]) == (kept, kept)


def test_a_task_that_nobody_asked_for_has_its_own_id() -> None:
    tasks.wake.push_request(id="the-task-number-two")
    carrying.come_from_there(task_id="the-task-number-two", task=tasks.wake)
    assert origin.current.get().request_id == "the-task-number-two"
    carrying.come_from_nowhere(task_id="the-task-number-two", task=tasks.wake, state="SUCCESS")
    tasks.wake.pop_request()


def test_the_address_is_what_the_proxy_saw_where_there_is_one(settings: Any) -> None:
    asked = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"}, REMOTE_ADDR="127.0.0.1")
    assert requests.client(asked) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert requests.client(asked) == "10.1.2.3"
    assert requests.client(RequestFactory().get("/", headers={"X-Forwarded-For": "nonsense"})) == ""


@pytest.mark.django_db
def test_health_and_static_files_are_not_logged(told: io.StringIO) -> None:
    Client().get("/static/nothing.css")
    assert "GET" not in told.getvalue()


def test_a_task_carries_the_request_that_asked_for_it() -> None:
    """The real way, through a broker and a worker, is in tests/journeys/test_life_of_a_comparison.py."""
    headers: dict[str, Any] = {}
    with origin.coming(request_id="the-request-1", door="web"):
        carrying.send_along(headers=headers)
    task = tasks.wake
    task.push_request(id="task-one", **headers)
    carrying.come_from_there(task_id="task-one", task=task)
    assert origin.current.get() == origin.Origin("the-request-1", "task workers.tasks.wake")
    carrying.come_from_nowhere(task_id="task-one", task=task, state="SUCCESS")
    task.pop_request()
    assert origin.current.get() == origin.Origin()


@pytest.mark.django_db
def test_an_event_has_the_request_the_network_and_by_what_the_person_was_known(settings: Any) -> None:
    person, password = factories.user(password="a long pass phrase of mine"), "a long pass phrase of mine"
    token, plain = tokens.issue(user=person, name="night", scopes=["export"], days=1, by=person)
    browser = Client()
    browser.post("/sign-in/", {"login": person.username, "password": password})
    answer = browser.post("/account/tokens/", {"name": "day", "scopes": "export", "days": "9"})
    made = Event.objects.filter(verb="token.issued").latest("pk")
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert made.through == f"session:{hashlib.sha256(key.encode()).hexdigest()[:16]}" and key not in made.through
    assert (made.request_id, made.door, made.address) == (answer["X-Request-ID"], "web", "127.0.0.0/24")
    with origin.coming(door="api"):
        asked = RequestFactory().get("/", headers={"Authorization": f"Bearer {plain}"})
        TokenAuthentication().authenticate(Request(asked))
        events.record("export.requested", person, by=person)
    assert Event.objects.latest("pk").through == f"token:{token.pk}"
    assert origin.current.get().through == ""
