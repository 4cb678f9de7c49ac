"""The pages of rating one response: of who rates, of who reviews it and of who manages it."""

from __future__ import annotations

from annotation import gold, memberships, queue, reviews
from annotation.models import Role
from annotation.queue import Answer
from preferences.models import Campaign, Judgment
from tests import factories
from webapp.accounts.models import User

UNBROKEN = "A long word: " + "x" * 300


def raters(olga: User) -> list[str]:
    campaign = factories.rating_campaign(slug="ratings", name=UNBROKEN[:100], raters_per_item=2)
    return [*_managed(campaign), *_rated(campaign, olga), *_reviewed(olga)]


def _rated(campaign: Campaign, olga: User) -> list[str]:
    """Open, stored, and returned by a reviewer."""
    other = factories.rating_campaign()
    for one in (campaign, other):
        memberships.add(user=olga, campaign=one, role=Role.ANNOTATOR, by=None)
        factories.reads(olga, one)
    stored = factories.assignment(campaign, olga, comparison=factories.comparison(campaign, text=UNBROKEN))
    queue.submit(key=stored.key, by=olga, answer=Answer(place=2, rationale=UNBROKEN))
    held = factories.assignment(campaign, olga, comparison=factories.comparison(campaign, text_a=UNBROKEN))
    given = factories.assignment(other, olga, comparison=factories.comparison(other, text_a=UNBROKEN))
    queue.submit(key=given.key, by=olga, answer=Answer(place=5))
    back = factories.taken_review(Judgment.objects.get(comparison=given.comparison))
    assert back.reviewer is not None
    reviews.send_back(key=back.key, by=back.reviewer, feedback=UNBROKEN, revision=0)
    return [
        "/",
        f"/compare/{held.key}/",
        f"/compare/{held.key}/?last={stored.key}",
        f"/compare/{stored.key}/",
        f"/returned/{back.key}/",
    ]


def _reviewed(olga: User) -> list[str]:
    """A rating, looked at and corrected; raters on both sides of the violation line."""
    one = factories.judge(factories.comparison(factories.rating_campaign(), text=UNBROKEN, text_a=UNBROKEN))
    split = factories.judged_comparison(factories.rating_campaign(), scores=[1, 4, 2])
    first, second = factories.taken_review(one, olga), factories.taken_review(split, olga)
    return [f"/reviews/{first.key}/", f"/reviews/{first.key}/?do=correct", f"/reviews/{second.key}/"]


def _managed(campaign: Campaign) -> list[str]:
    known, other = (factories.judged_comparison(campaign, scores=[1, 2], text=UNBROKEN) for _ in range(2))
    verdict = factories.verdict(campaign.the_scale, 1)
    gold.make(original=known, verdict=verdict, reason=UNBROKEN, by=factories.user("boss-of-ratings"))
    judgment = known.judgments.order_by("pk")[0]
    address = f"/campaigns/{campaign.slug}"
    return [
        "/overview/",
        f"{address}/queue/",
        f"{address}/gold/?pair={other.pk}",
        f"{address}/review/plan/",
        f"{address}/quality/?when=all",
        f"{address}/quality/{judgment.annotator.pseudonym}/?when=all",
        f"{address}/quality/judgments/{judgment.pk}/",
    ]
