"""Whatever a person typed, anywhere, no page makes markup of it.

Label Studio's stored hot keys ran as a script in the browser of who looked (CVE-2026-22033); its imported data
(CVE-2024-23633) and labels (CVE-2024-26152), and Argilla's settings (CVE-2026-116554) did before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField, TextField
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from tests import snapshots
from tests.factories.second_steps import confirmed
from tests.webapp.doors.world import World
from webapp.doors import DOORS, Answer, Person
from webapp.doors.addresses import addresses

pytestmark = pytest.mark.django_db

HOSTILE = "\"'><img src=x onerror=alert(7)><script>alert(7)</script>[a](javascript:alert(7))"
SHORT = "\"'><img src=x onerror=alert(7)>"
# fmt: off
TYPED = {
    "name", "title", "text", "question", "introduction", "note", "reason", "rationale", "feedback", "vendor",
    "first_name", "last_name", "paused_reason", "system_prompt", "iteration", "location", "revision",
    "external_id", "sample", "said", "failure", "problem", "error", "description", "licence",
}
# fmt: on


class Found(HTMLParser):
    """What a browser would run, or would fetch from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip().lower() for name, value in attrs}
        is_data = given.get("type") == "application/json"
        if tag == "script" and not is_data and not given.get("src", "").startswith("/static/"):
            self.bad.append("script")
        self.bad += [f"{tag} {name}" for name in given if name.startswith("on") or name == "srcdoc"]
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-source"):
            if given.get(name, "").startswith(("javascript:", "data:", "x", "//")):
                self.bad.append(f"{tag} {name}={given[name]}")


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with snapshots.of_a_module(django_db_blocker):
        made = World(tmp_path_factory.mktemp("world"))
        assert _poisoned() > 25, "Are the columns that people fill called otherwise now?"
        yield made


def _poisoned() -> int:
    """Writes the attack into every column that people fill, past the triggers; how many took it."""
    took = 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if field.name in TYPED and isinstance(field, (CharField, TextField)) and not field.choices:
                    text = HOSTILE if (field.max_length or 1000) > 300 else SHORT
                    try:
                        with transaction.atomic():
                            cursor.execute(
                                f'UPDATE "{model._meta.db_table}" SET "{field.column}" = "{field.column}" || %s', [text]
                            )
                            took += cursor.rowcount > 0
                    except DatabaseError:  # it is no free text: a constraint says what may stand there
                        continue
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return took


def test_no_page_makes_markup_of_what_was_typed(world: World) -> None:
    logging.disable(logging.ERROR)
    visitors = (Person.MANAGER, Person.ANNOTATOR, Person.COLLEAGUE)
    clients = {person: confirmed(world.people[person]) for person in visitors}
    bad, shown = [], 0
    for address in addresses():
        answers = DOORS[address.name].get("GET", {})
        visitor = next((client for person, client in clients.items() if answers.get(person) == Answer.YES), None)
        if visitor is None or address.scopes:
            continue
        arguments = world.arguments.get(address.name) or _of_campaign(world, address.parameters)
        response = visitor.get(reverse(address.name, kwargs=arguments), follow=True)
        if response.status_code >= 500:
            bad.append((address.route, "broke"))
        elif response.headers["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            shown += "alert(7)" in html
            bad += [(address.route, one) for one in Found(html).bad]
    logging.disable(logging.NOTSET)
    assert bad == []
    assert shown > 30


def _of_campaign(world: World, parameters: frozenset[str]) -> dict[str, str]:
    return {"slug": world.campaign.slug} if parameters else {}


def test_the_parser_finds_what_would_run() -> None:
    assert Found(f"<p>{HOSTILE}").bad == ["img onerror", "img src=x", "script"]
    assert Found('<a href=" JavaScript:alert(7)">').bad == ["a href=javascript:alert(7)"]
    assert Found('<script src="/static/webapp/keep.js"></script><img src="/static/webapp/margin.svg">').bad == []
