"""Visits to the manager's pages of the queue, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import gold, pools
from preferences.actions import pools as kept
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User


def visits(
    campaign: Campaign, get: Callable[..., Any], post: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    boss, ann = factories.manager(campaign), factories.annotator(campaign)
    pool = kept.create(campaign=campaign, name="护士", by=boss)
    pools.add(pool=pool, annotator=ann, by=boss)
    factories.comparison(campaign, text="夏天吃什么水果？", text_a="西瓜。", text_b="苹果。")
    kept.keep(pool=pool, count=1, by=boss)
    words = {"text": "冬天吃什么？", "text_a": "橙子和柚子。", "text_b": "雪。"}
    known, pair = (
        factories.judged_comparison(campaign, scores=[-4] * campaign.raters_per_item, **words) for _ in range(2)
    )
    gold.make(original=known, verdict=factories.verdict(campaign.the_scale, -4), reason="只有甲回答了。", by=boss)
    manager, base = reader(boss), f"/campaigns/{campaign.slug}"
    return {
        "queue": get(manager, f"{base}/queue/"),
        "a number that is none": post(manager, f"{base}/queue/arrange/", priority="高"),
        "too many": post(manager, f"{base}/queue/arrange/", gold_share="60"),
        "nothing is kept ready": post(manager, f"{base}/queue/ahead/", ready_ahead=""),
        "a pool without a name": post(manager, f"{base}/queue/pools/"),
        "gold": get(manager, f"{base}/gold/"),
        "a pair to make gold": get(manager, f"{base}/gold/?pair={pair.pk}"),
        "no known verdict": post(manager, f"{base}/gold/", pair=pair.pk),
    }
