"""Visits to every page of demonstrations, for the reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.choices import Kind
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

SAID = [("夏天吃什么水果？", "西瓜。"), ("还有呢？", "桃子。")]
FORM = {"category": "factual", "turns": "2", "prompt_1": "冬天吃什么水果？", "answer_1": "橙子。"}


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("demonstrations", kind=Kind.DEMONSTRATION, max_turns=3)
    quiet = reader(factories.manager(a_campaign("quiet", kind=Kind.DEMONSTRATION)))
    ann, judge = factories.annotator(campaign), factories.reviewer(campaign)
    returned = factories.returned_demonstration(campaign, by=ann, exchanges=SAID, feedback="请写得更完整。")
    waiting = factories.demonstration(campaign, by=ann, exchanges=SAID)
    corrected = [SAID[0], ("还有呢？", "熟透的桃子。")]
    approved = factories.approved_demonstration(campaign, by=ann, exchanges=SAID, corrected=corrected)
    again = factories.demonstration(campaign, exchanges=SAID)
    author, reviewer = reader(ann), reader(judge)
    write, review = f"/campaigns/{campaign.slug}/demonstrate/", f"/demonstrations/{waiting.pk}/review/"
    return {
        "home of an author": get(author, "/"),
        "home of a reviewer": get(reviewer, "/"),
        "demonstrate": get(author, f"{write}?sent=1"),
        "a demonstration without an answer": post(author, write, **{**FORM, "answer_1": ""}),
        "a demonstration near another": post(author, write, **{**FORM, "prompt_1": SAID[0][0]}),
        "a returned demonstration": get(author, f"/demonstrations/{returned.pk}/"),
        "an approved demonstration": get(author, f"/demonstrations/{approved.pk}/"),
        "a demonstration that was not returned": post(author, f"/demonstrations/{again.pk}/", **FORM),
        "review a demonstration": get(reviewer, review),
        "approve too early": post(reviewer, review, turns="1", version="1", decision="approve"),
        "return without a comment": post(reviewer, review, turns="1", version="1", decision="return"),
        "a decided demonstration": get(reviewer, f"/demonstrations/{approved.pk}/review/"),
        "overview of demonstrations": get(reader(factories.manager(campaign)), "/overview/"),
        "hours by batch": get(reader(factories.manager(campaign)), "/campaigns/demonstrations/ledger/?by=batch"),
        "hours by week": get(reader(factories.manager(campaign)), "/campaigns/demonstrations/ledger/"),
        "nothing to review": get(quiet, "/campaigns/quiet/demonstrations/?decided=1"),
        "no hours": get(quiet, "/campaigns/quiet/ledger/"),
    }
