"""Visits to the pages about people and accounts, for the test that looks for English words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import memberships, people
from annotation.models import Role
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

Visit = Callable[..., Callable[[], Any]]


def visits(
    campaign: Campaign, get: Visit, post: Visit, reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    """Of a manager of the campaign, whose people have Chinese names."""
    return _managing(reader(factories.manager(campaign, "负责人")), campaign, get, post)


def _managing(client: Client, campaign: Campaign, get: Visit, post: Visit) -> dict[str, Callable[[], Any]]:
    one, paused, halted = (factories.annotator(campaign, name) for name in ("小林", "小王", "小张"))
    people.pause(user=paused, reason="休息", by=None)
    memberships.pause(membership=halted.memberships.get(role=Role.ANNOTATOR), reason="休息", by=None)
    page, role = f"/people/{one.pseudonym}/", one.memberships.get()
    elsewhere = f"/people/{factories.manager(campaign, '老师').pseudonym}/"
    return {
        "people": get(client, "/people/"),
        "people, nobody": get(client, "/people/?q=无"),
        "person": get(client, page),
        "person, paused": get(client, f"/people/{paused.pseudonym}/"),
        "person, paused here": get(client, f"/people/{halted.pseudonym}/"),
        "another manager": get(client, elsewhere),
        "pause without a reason": post(client, f"{page}pause/"),
        "pause here without a reason": post(client, f"{page}roles/{role.pk}/pause/"),
        "no role": post(client, f"{page}roles/", campaign=campaign.slug),
        "no locale": post(client, f"{page}details/", locale="中文"),
    }
