"""Visits to the pages of how people work, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import concerns
from preferences.models import Campaign
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful
from webapp.accounts.models import User


def visits(
    get: Callable[..., Any], post: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    made, people, _pairs = campaign_of(careful, careful, careful, always_left, pairs=40)
    Campaign.objects.filter(pk=made.pk).update(name="水果")
    (concern,) = concerns.propose(campaign=made, by=None)
    pair = factories.comparison(made, text="夏天吃什么水果？", text_a="西瓜和桃子。", text_b="苹果。")
    one = factories.judge(pair, rationale="更完整。")
    manager, base = reader(factories.manager(made)), f"/campaigns/{made.slug}/quality/"
    return {
        "quality": get(manager, f"{base}?opened=2"),
        "quality of nobody": get(manager, f"{base}?when=2020-W01"),
        "signals": get(manager, f"{base}{people[3].pseudonym}/"),
        "a judgment": get(manager, f"{base}judgments/{one.pk}/"),
        "no decision": post(manager, f"/concerns/{concern.pk}/"),
    }
