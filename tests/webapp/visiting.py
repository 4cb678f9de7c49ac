"""Visits to pages by somebody who reads Chinese, and what a visit finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from annotation import memberships, queue
from annotation.models import Assignment, Role
from preferences.actions import campaigns, guidelines
from preferences.choices import Kind
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

LANGUAGE = "zh-hans"
# The texts of people and models, which no catalogue holds.
TEXTS = {"text": "夏天吃什么水果？", "text_a": "西瓜和桃子。", "text_b": "苹果。"}
UNWANTED = "这些药可以一起吃吗？"


@dataclass(frozen=True)
class Answer:
    html: str
    templates: set[str]


Visits = dict[str, Callable[[], Answer]]


def get(client: Client, address: str, **headers: str) -> Callable[[], Answer]:
    return lambda: answered(client.get(address, headers=headers))


def post(client: Client, address: str, _headers: dict[str, str] | None = None, **fields: str) -> Callable[[], Answer]:
    return lambda: answered(client.post(address, fields, headers=_headers))


def answered(response: Any) -> Answer:
    assert response.status_code in {200, 403, 404, 409, 422, 429}, response
    return Answer(response.content.decode(), {template.name for template in response.templates})


def reader(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(language=LANGUAGE)
    client = Client()
    client.force_login(user)
    return client


def annotator(*campaigns_of: Campaign) -> User:
    person = factories.user()
    for campaign in campaigns_of:
        memberships.add(user=person, campaign=campaign, role=Role.ANNOTATOR, by=None)
        factories.reads(person, campaign)
    return person


def a_campaign(slug: str, **fields: Any) -> Campaign:
    made = factories.draft_campaign(slug=slug, **{"name": "水果", "question": "哪个回答更好？", **fields})
    guidelines.publish(campaign=made, text="# 指南\n\n请选择更有用的回答。", by=None)
    campaigns.open_for_work(campaign=made, by=None)
    if made.kind != Kind.DEMONSTRATION:  # whose responses people write
        factories.sampling_plan(made)
    return made


def held(campaign: Campaign, by: User) -> Assignment:
    factories.comparison(campaign, **TEXTS)
    assignment = queue.claim(campaign=campaign, by=by)
    assert assignment is not None
    return assignment


def judged(campaign: Campaign, by: User) -> Assignment:
    assignment, safe = held(campaign, by), 4 if campaign.is_safety else None
    queue.submit(key=assignment.key, by=by, answer=queue.Answer(2, safe, safe, rationale="更完整。"))
    return assignment
