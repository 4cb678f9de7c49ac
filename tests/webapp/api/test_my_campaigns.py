"""The campaigns of a person, each with what is in the way of its work, in as many queries however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import caps, drafts, held_back, memberships, permissions
from annotation.models import Role
from preferences.errors import DomainError
from preferences.models import Campaign
from tests import factories
from tests.webapp.api.clients import program
from webapp.accounts.models import Scope, User

pytestmark = pytest.mark.django_db
MINE = "/api/v1/my/campaigns/"


def joined(by: User, **settings: Any) -> Campaign:
    campaign = factories.campaign(**settings)
    memberships.add(user=by, campaign=campaign, role=Role.ANNOTATOR, by=None)
    return campaign


def of_every_kind(by: User) -> list[Campaign]:
    """One without anything in the way, and one each with an exam, a pause, a whole share and a share of today."""
    free, examined, paused = (joined(by) for _ in range(3))
    factories.required_exam(examined)
    memberships.pause(membership=by.memberships.get(campaign=paused), reason="They are away.", by=None)
    shares = joined(by, most_per_person=1), joined(by, most_per_day=1)
    for campaign in shares:
        factories.assignment(campaign, by)
    drafts.keep(about=free, fields={"text": "Why is"}, by=by)
    return [free, examined, paused, *shares]


def alone(user: User, campaign: Campaign) -> str:
    try:
        permissions.check_can_judge(user, campaign)
        caps.check(campaign, user)
    except DomainError as refused:
        return str(refused)
    return ""


def test_what_is_in_the_way_of_each_is_what_their_work_is_refused_with() -> None:
    ann, boss = factories.user(), factories.user(is_superuser=True)
    mine = of_every_kind(ann)
    for user in (ann, boss):
        found = held_back.sentences(user, mine)
        assert [found.get(campaign.pk, "") for campaign in mine] == [alone(user, campaign) for campaign in mine]
    assert len({alone(ann, campaign) for campaign in mine}) == len(mine)
    ann.paused_at, ann.paused_reason = mine[0].created_at, "They are away."
    ann.save()
    assert held_back.sentences(ann, mine) == {campaign.pk: alone(ann, campaign) for campaign in mine}


def queries(client: Client, campaigns: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(MINE).json()["results"]) == campaigns
    return len(captured)


def test_many_take_as_many_queries_as_one() -> None:
    ann = factories.user()
    client = program(ann, Scope.JUDGE)
    joined(ann, most_per_day=10)
    queries(client, 1)  # the first use of a token is noted
    of_one = queries(client, 1)
    mine = of_every_kind(ann)
    assert queries(client, 1 + len(mine)) == of_one
