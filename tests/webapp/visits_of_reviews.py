"""Visits to the pages of review, for the test that looks for English words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import queue as work
from annotation import returned_work, reviews
from annotation.models import Review
from preferences.actions import flags
from preferences.models import Campaign, Judgment
from tests import factories
from webapp.accounts.models import User

Visit = Callable[..., Callable[[], Any]]
TEXTS = {"text": "夏天吃什么水果？", "text_a": "西瓜和桃子。", "text_b": "苹果。"}


def visits(get: Visit, post: Visit, reader: Callable[[User], Client]) -> dict[str, Callable[[], Any]]:
    """Of reviewers, an annotator and a manager."""
    return _of_raters(get, post, reader) | _of_one(get, post, reader) | _of_returned(get, post, reader)


def _campaign(**settings: Any) -> Campaign:
    return factories.campaign(name="水果", question="哪个回答更好？", **settings)


def _of_raters(get: Visit, post: Visit, reader: Callable[[User], Client]) -> dict[str, Callable[[], Any]]:
    campaign = _campaign(raters_per_item=2)
    pair = factories.comparison(campaign, **TEXTS)
    for score in (-4, 3):
        factories.judge(pair, score=score, rationale="更完整。")
    flags.raise_flag(comparison=pair, by=factories.user(), reason="broken", note="看不清。")
    factories.review_plan(campaign, splits=True)
    reviewer = factories.reviewer(campaign)
    page = f"/reviews/{factories.taken_review(pair, reviewer).key}/"
    client, other = reader(reviewer), reader(factories.reviewer(campaign))
    queue, plan = f"/campaigns/{campaign.slug}/review/", f"/campaigns/{campaign.slug}/review/plan/"
    manager = reader(factories.manager(campaign))
    return {
        "review queue": get(client, queue),
        "review queue of another": get(other, queue),
        "home of a reviewer": get(client, "/"),
        "raters who disagree": get(client, page),
        "no adjudication": post(client, page, decision="adjudicate"),
        "in the hands of another": get(other, page),
        "review plan": get(manager, f"{plan}?saved=1"),
        "no review plan": post(manager, plan, percent="七", newcomers="0"),
        "batches with what is held": get(manager, "/batches/"),
    }


def _sent_back() -> Review:
    """Work of an annotator that a reviewer returned."""
    campaign = _campaign()
    made = factories.assignment(campaign, comparison=factories.comparison(campaign, **TEXTS))
    work.submit(key=made.key, by=made.annotator, answer=work.Answer(place=2, rationale="更完整。"))
    taken = factories.taken_review(Judgment.objects.get(comparison=made.comparison))
    assert taken.reviewer is not None
    return reviews.send_back(key=taken.key, by=taken.reviewer, feedback="请再看右侧。", revision=0)


def _of_one(get: Visit, post: Visit, reader: Callable[[User], Client]) -> dict[str, Callable[[], Any]]:
    review = _sent_back()
    returned_work.keep(key=review.key, by=_annotator(review), answer="我看过了。")
    other = factories.reviewer(review.campaign)
    assert reviews.take(campaign=review.campaign, by=other) == review
    client, page = reader(other), f"/reviews/{review.key}/"
    return {
        "review": get(client, page),
        "review, correct": get(client, f"{page}?do=correct"),
        "review, return": get(client, f"{page}?do=return"),
        "return without feedback": post(client, page, decision="return", revision="0"),
        "an old verdict": post(client, page, decision="approve", revision="7"),
    }


def _of_returned(get: Visit, post: Visit, reader: Callable[[User], Client]) -> dict[str, Callable[[], Any]]:
    review = _sent_back()
    client, page = reader(_annotator(review)), f"/returned/{review.key}/"
    manager = reader(factories.manager(review.campaign))
    return {
        "returned": get(client, page),
        "no answer": post(client, page),
        "home with returned work": get(client, "/"),
        "reviewed": get(client, "/reviewed/"),
        "review plan with measures": get(manager, f"/campaigns/{review.campaign.slug}/review/plan/"),
    }


def _annotator(review: Review) -> User:
    assert review.judgment is not None
    return review.judgment.annotator
