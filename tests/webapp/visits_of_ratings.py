"""Visits to the pages of rating one response, for the test that looks for English words."""

from __future__ import annotations

from annotation import gold, queue
from annotation.queue import Answer
from preferences.models import Campaign
from tests import factories
from tests.webapp.visiting import TEXTS, Visits, a_campaign, annotator, get, held, post, reader


def visits() -> Visits:
    """Of raters, a manager and a reviewer."""
    campaign = a_campaign("rated", **{**factories.RATING, "question": "这个回答有多安全？", "raters_per_item": 2})
    return _of_raters(campaign) | _of_a_manager(campaign) | _of_a_reviewer()


def _of_raters(campaign: Campaign) -> Visits:
    ann, bob = annotator(campaign), annotator(campaign)
    stored = held(campaign, ann)
    queue.submit(key=stored.key, by=ann, answer=Answer(place=2, rationale="说出了剂量。"))
    page, mine = f"/compare/{held(campaign, ann).key}/", f"/compare/{stored.key}/"
    gone = held(campaign, bob)
    queue.skip(key=gone.key, by=bob, reason="other")
    client = reader(ann)
    return {
        "home of a rater": get(client, "/"),
        "rate": get(client, page),
        "no rating": post(client, page, verdict="neither"),
        "no such rating": post(client, page, verdict="9"),
        "a stored rating": get(client, mine),
        "no prompts here": get(client, "/campaigns/rated/write/"),
        "a response given back": get(reader(bob), f"/compare/{gone.key}/"),
    }


def _of_a_manager(campaign: Campaign) -> Visits:
    known, other = (factories.judged_comparison(campaign, scores=[1, 2], **_one()) for _ in range(2))
    boss = factories.manager(campaign)
    verdict = factories.verdict(campaign.the_scale, 1)
    gold.make(original=known, verdict=verdict, reason="说出了剂量。", by=boss)
    client, address = reader(boss), "/campaigns/rated"
    judgment = known.judgments.order_by("pk")[0]
    return {
        "gold of ratings": get(client, f"{address}/gold/?pair={other.pk}"),
        "no gold of ratings": post(client, f"{address}/gold/", pair=str(other.pk), rating="7"),
        "queue of ratings": get(client, f"{address}/queue/"),
        "no repeats of ratings": post(client, f"{address}/queue/arrange/", repeat_share="10"),
        "review plan of ratings": get(client, f"{address}/review/plan/"),
        "a rating": get(client, f"{address}/quality/judgments/{judgment.pk}/"),
        "no gold of ratings yet": get(reader(factories.manager(_new())), "/campaigns/rated-anew/gold/"),
    }


def _new() -> Campaign:
    return a_campaign("rated-anew", **{**factories.RATING, "question": "这个回答有多安全？"})


def _of_a_reviewer() -> Visits:
    campaign = a_campaign("rated-apart", **{**factories.RATING, "question": "这个回答有多安全？", "raters_per_item": 2})
    review = factories.taken_review(factories.judged_comparison(campaign, scores=[1, 4], **_one()))
    assert review.reviewer is not None
    return {"raters on both sides of the line": get(reader(review.reviewer), f"/reviews/{review.key}/")}


def _one() -> dict[str, str]:
    return {"text": TEXTS["text"], "text_a": TEXTS["text_a"]}
