"""What the log tells of requests, and what it must not."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from annotation import invitations
from annotation.models import Role
from tests import factories
from webapp.pages import downloads

TOLD = ("django", "webapp.requests")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged of requests from now on, written as on the console."""
    configured = logging.config.DictConfigurator(settings.LOGGING)
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(configured.configure_formatter(dict(settings.LOGGING["formatters"]["line"])))
    for name in TOLD:
        logging.getLogger(name).addHandler(handler)
    yield handler.stream
    for name in TOLD:
        logging.getLogger(name).removeHandler(handler)


@pytest.mark.django_db
def test_an_invitation_that_was_not_accepted_yet_is_not_in_the_log(lines: io.StringIO) -> None:
    _made, token = invitations.invite(roles=[(factories.campaign(), Role.ANNOTATOR)], by=None)
    page = f"/invitations/{token}/"
    assert Client().post(page, {"username": "ann", "password": "short"}).status_code == 422
    assert Client(enforce_csrf_checks=True).post(page).status_code == 403
    assert Client().put(page).status_code == 405
    assert lines.getvalue().count("/invitations/…/") == 6 and token not in lines.getvalue()
    assert Client().get(page).status_code == 200  # it was good all the time


@pytest.mark.django_db
def test_a_link_to_a_download_is_not_in_the_log(lines: io.StringIO) -> None:
    """It is good for an hour, whatever name of a file was asked for by it."""
    export, reader = factories.export(factories.batch(comparisons=1)), factories.user()
    link = downloads.link(export, reader, "nothing.txt")
    assert Client().get(link).status_code == 404
    assert "/downloads/…/nothing.txt" in lines.getvalue() and link.split("/")[2] not in lines.getvalue()


def test_a_link_to_a_new_password_is_not_in_the_log(lines: io.StringIO) -> None:
    logging.getLogger("django.request").warning("Forbidden: %s", "/password/1a-cuk8wp-0123456789/")
    assert "Forbidden: /password/1a-…/" in lines.getvalue()


@pytest.mark.django_db
def test_an_address_with_ends_of_lines_makes_no_lines_of_its_own(lines: io.StringIO) -> None:
    assert Client().get("/nothing%0A2026-11-26%20CRITICAL%20forged%0D%E2%80%A8x").status_code == 404
    assert "forged" in lines.getvalue()
    assert len(lines.getvalue().splitlines()) == 2  # ours and Django's
