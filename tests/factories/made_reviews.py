from __future__ import annotations

from typing import Any

from annotation import memberships, review_draws, review_plans, reviews
from annotation.models import Review, Role
from preferences.models import Campaign, Comparison, Judgment
from tests.factories.made_people import manager, user
from webapp.accounts.models import User


def reviewer(campaign: Campaign, username: str = "") -> User:
    person = user(username)
    memberships.add(user=person, campaign=campaign, role=Role.REVIEWER, by=None)
    return person


def review_plan(campaign: Campaign, **wanted: Any) -> None:
    """The campaign's plan; it asks for nothing but what is told."""
    nothing = {"percent": 0, "newcomers": 0, "flagged": False, "safety": False, "splits": False}
    review_plans.change(campaign=campaign, by=manager(campaign), **(nothing | wanted))


def drawn_review(of: Judgment | Comparison) -> Review:
    """The review of a judgment, or of a comparison whose raters disagree, as the campaign's plan draws it.

    A campaign without a plan gets one that asks for everything.
    """
    comparison = of if isinstance(of, Comparison) else of.comparison
    if not hasattr(Campaign.objects.get(pk=comparison.campaign_id), "review_plan"):
        everything = {"flagged": True, "safety": True, "splits": True}
        review_plan(comparison.campaign, **({"percent": 100} if isinstance(of, Judgment) else {}), **everything)
    review_draws.draw(campaign=comparison.campaign)
    return Review.objects.get(comparison=comparison, judgment=of if isinstance(of, Judgment) else None)


def taken_review(of: Judgment | Comparison, by: User | None = None) -> Review:
    """The same in the hands of a reviewer; it must be the campaign's oldest one that waits."""
    review = drawn_review(of)
    taken = reviews.take(campaign=review.campaign, by=by or reviewer(review.campaign))
    assert taken == review
    return taken
