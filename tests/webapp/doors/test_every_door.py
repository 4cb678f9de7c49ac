"""Each address, by each method, answers each kind of person as docs/permissions.md says; nothing else opens."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from tests import snapshots
from tests.factories.second_steps import confirmed, with_app
from tests.webapp.doors.world import World
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User
from webapp.accounts.second_steps import SecondStepMissing
from webapp.doors import DOORS, SECTIONS, Answer, Person
from webapp.doors.addresses import Address, addresses
from webapp.management.commands import permissions

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ALL = tuple(Scope)


class Visitor:
    """One kind of person: in a browser that signed in and confirmed it just now, and as a program with a token."""

    def __init__(self, user: User | None, scopes: tuple[Scope, ...] = ALL) -> None:
        self.browser, self.program = (
            confirmed(user) if user else Client(raise_request_exception=False),
            Client(raise_request_exception=False),
        )
        if user is not None:
            _token, plain = tokens.issue(user=user, name="a program", scopes=scopes, days=1, by=user)
            self.program.defaults["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        self._cookies = self.browser.cookies.output(header="", sep=";")

    def ask(self, address: Address, url: str, method: str, sent: Any) -> Any:
        """The response; what a form did to the record is undone, and the browser is as it was."""
        if method == "GET":
            return self._ask(address, url, method, sent)
        with transaction.atomic():
            response = self._ask(address, url, method, sent)
            transaction.set_rollback(True)
        self.browser.cookies = SimpleCookie(self._cookies)
        return response

    def takes(self, address: Address, url: str, method: str) -> bool:
        """Whether the address has this method, which nothing is sent by."""
        return bool(self._ask(address, url, method, {}).status_code != 405)

    def _ask(self, address: Address, url: str, method: str, sent: Any) -> Any:
        is_api = address.route.startswith("/api/")
        client = self.program if is_api else self.browser
        json = "application/x-ndjson" if isinstance(sent, str) else "application/json"
        kind = {"content_type": json} if is_api and method != "GET" else {}
        response = getattr(client, method.lower())(url, sent if kind or method in ("GET", "POST") else "", **kind)
        if response.streaming:
            b"".join(response.streaming_content)
        return response


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with snapshots.of_a_module(django_db_blocker):
        yield World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(made: World, settings: Any) -> Iterator[World]:
    settings.SENDS_EMAIL = True
    logging.disable(logging.ERROR)  # each refusal is a line
    yield made
    logging.disable(logging.NOTSET)


def answered(response: Any) -> str:
    """The word of the table; a page that broke is none of them."""
    if response.status_code >= 500:
        return f"broke with {response.status_code}"
    if response.status_code == 401 or response.headers.get("Location", "").startswith("/sign-in/?next="):
        return Answer.SIGN_IN
    return {403: Answer.NO, 404: Answer.HIDDEN, 405: "takes no such method"}.get(response.status_code, Answer.YES)


def url_of(address: Address, world: World) -> str:
    """AssertionError where the world holds nothing that the address names."""
    arguments = world.arguments.get(address.name)
    if arguments is None and address.parameters:
        assert address.parameters == {"slug"}, f"What does {address.route} name? Add it to tests/webapp/doors/world.py."
        arguments = {"slug": world.campaign.slug}
    return reverse(address.name, kwargs=arguments)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_address_answers_everybody_as_the_table_says(world: World, section: str) -> None:
    visitors = {person: Visitor(world.people.get(person)) for person in Person}
    wrong, asked = [], 0
    for address in addresses():
        if (door := SECTIONS[section].get(address.name)) is None:
            continue
        url = url_of(address, world)
        for method, answers in door.items():
            for person, expected in answers.items():
                sent = world.sent.get((address.name, method), {})
                found = answered(visitors[person].ask(address, url, method, sent))
                asked += 1
                if found != expected:
                    wrong.append(
                        f"{method} {address.route} ({address.name}) for {person.value}: {found}, not {expected}"
                    )
        # Programs, and who would change their account, are told who may before what.
        curious = Person.ADMINISTRATOR if address.route.startswith(("/account/", "/api/")) else Person.NOBODY
        for method in set(METHODS) - set(door):
            if visitors[curious].takes(address, url, method):
                wrong.append(f"{method} {address.route} ({address.name}) is not in the table and is answered.")
    assert not wrong, "\n".join(wrong)
    assert asked > 100


def test_a_token_without_the_scope_opens_nothing_whoever_its_person_is(world: World) -> None:
    administrator = world.people[Person.ADMINISTRATOR]
    without = {scope: Visitor(administrator, tuple(set(Scope) - {scope})) for scope in Scope}
    opened = []
    for address in addresses():
        for method, scope in address.scopes.items():
            response = without[Scope(scope)].ask(address, url_of(address, world), method, {})
            if (response.status_code, response.json().get("code")) != (403, "missing_scope"):
                opened.append((address.route, method, response.status_code))
    assert opened == []


def test_a_manager_without_a_second_step_is_led_to_set_one_up_before_anything_of_managers(
    world: World, settings: Any
) -> None:
    settings.REQUIRE_MFA = True
    manager = world.people[Person.MANAGER]
    with_it = Visitor(manager)
    assert with_it.browser.get("/overview/").status_code == 200
    manager.authenticator_set.all().delete()
    wrong, led = [], 0
    for address in addresses():
        url = url_of(address, world)
        for method, answers in DOORS[address.name].items():
            if answers[Person.MANAGER] != Answer.YES or answers[Person.ANNOTATOR] == Answer.YES:
                continue
            response = with_it.ask(address, url, method, world.sent.get((address.name, method), {}))
            led += 1
            if address.scopes:
                is_shut = (response.status_code, response.json()["code"]) == (403, "second_step_missing")
            else:
                is_shut = (response.status_code, response.headers.get("Location")) == (302, "/account/")
            wrong += [] if is_shut else [f"{method} {address.route} is open to a password alone."]
    assert not wrong, "\n".join(wrong)
    assert led > 100
    assert "Managers sign in with a second step." in with_it.browser.get("/overview/", follow=True).content.decode()
    for own in ("/", "/settings/", "/account/", "/account/app/", f"/campaigns/{world.campaign.slug}/guideline/"):
        assert with_it.browser.get(own).status_code == 200
    with pytest.raises(SecondStepMissing):
        tokens.issue(user=manager, name="a program", scopes=["export"], days=1, by=manager)
    with_app(manager)
    assert with_it.browser.get("/overview/").status_code == 200


def test_an_annotator_needs_no_second_step(world: World, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    ann = world.people[Person.ANNOTATOR]
    ann.authenticator_set.all().delete()
    visitor = Visitor(ann)
    assert visitor.browser.get("/").status_code == 200
    assert visitor.program.get("/api/v1/claims/").status_code == 200


def test_the_page_of_permissions_shows_the_table() -> None:
    call_command("permissions", check=True)


def test_an_address_without_a_line_in_the_table_is_named() -> None:
    new = Address("secret_page", "/secret/", frozenset(), None)
    (said,) = permissions.problems([*addresses(), new])
    assert said == "/secret/ (secret_page) has no line in webapp/doors: who may?"
    assert permissions.problems(addresses()[1:]) == ["“home” in webapp/doors is the name of no address."]
