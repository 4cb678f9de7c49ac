"""Visits to the pages about people and accounts, for the test that looks for English words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import invitations, memberships, people
from annotation.models import Role
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

Visit = Callable[..., Callable[[], Any]]


def visits(
    campaign: Campaign, get: Visit, post: Visit, reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    """Of a manager of the campaign, whose people have Chinese names."""
    client = reader(factories.manager(campaign, "负责人"))
    stranger = Client(headers={"accept-language": "zh-CN"})
    return _managing(client, campaign, get, post) | _inviting(client, stranger, campaign, get, post)


def _managing(client: Client, campaign: Campaign, get: Visit, post: Visit) -> dict[str, Callable[[], Any]]:
    one, paused, halted = (factories.annotator(campaign, name) for name in ("小林", "小王", "小张"))
    people.pause(user=paused, reason="休息", by=None)
    memberships.pause(membership=halted.memberships.get(role=Role.ANNOTATOR), reason="休息", by=None)
    page, role = f"/people/{one.pseudonym}/", one.memberships.get()
    elsewhere = f"/people/{factories.manager(campaign, '老师').pseudonym}/"
    return {
        "people": get(client, "/people/"),
        "people, nobody": get(client, "/people/?q=无"),
        "events": get(client, "/events/"),
        "events, none": get(client, "/events/?verb=x"),
        "events, no such day": get(client, "/events/?since=x&request=y"),
        "person": get(client, page),
        "person, paused": get(client, f"/people/{paused.pseudonym}/"),
        "person, paused here": get(client, f"/people/{halted.pseudonym}/"),
        "another manager": get(client, elsewhere),
        "pause without a reason": post(client, f"{page}pause/"),
        "pause here without a reason": post(client, f"{page}roles/{role.pk}/pause/"),
        "no role": post(client, f"{page}roles/", campaign=campaign.slug),
        "no locale": post(client, f"{page}details/", locale="中文"),
    }


def _inviting(
    client: Client, stranger: Client, campaign: Campaign, get: Visit, post: Visit
) -> dict[str, Callable[[], Any]]:
    roles = [(campaign, Role.ANNOTATOR)]
    (_made, token), (used, old) = (invitations.invite(roles=roles, by=None) for _ in range(2))
    invitations.withdraw(invitation=used, by=factories.user(is_superuser=True))
    page, invite = f"/invitations/{token}/", "/people/invitations/"
    return {
        "invite": get(client, invite),
        "invited": post(client, invite, role=f"{campaign.slug}:annotator"),
        "invite as nothing": post(client, invite),
        "an invitation": get(stranger, page),
        "an invitation, signed in": get(client, page),
        "an empty account": post(stranger, page),
        "a short password": post(stranger, page, username="小林二", password="短"),
        "a withdrawn invitation": get(stranger, f"/invitations/{old}/"),
        "no invitation": get(stranger, "/invitations/没有/"),
    }
