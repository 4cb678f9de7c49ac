"""What My work and the overview say of demonstrations: where to write and review them, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from annotation import demonstrations, ledger, permissions
from annotation.models import Role
from preferences.choices import CampaignStatus, DemonstrationStatus, Kind
from preferences.models import Campaign
from webapp.accounts.models import User


@dataclass(frozen=True)
class DemonstrationCard:
    """One campaign of mine, counted now."""

    campaign: Campaign
    sent: int
    returned: int
    approved: int
    seconds_this_week: float
    paused: str


@dataclass(frozen=True)
class ReviewCard:
    campaign: Campaign
    waiting: int


@dataclass(frozen=True)
class DemonstrationProgress:
    campaign: Campaign
    approved: int
    in_review: int
    returned: int
    authors: int


def cards_of(user: User) -> list[DemonstrationCard]:
    campaigns = permissions.campaigns_of(user, Role.ANNOTATOR)
    open_now = campaigns.filter(kind=Kind.DEMONSTRATION, status=CampaignStatus.OPEN)
    return [
        DemonstrationCard(
            campaign=campaign,
            seconds_this_week=ledger.seconds_this_week(user, campaign),
            paused=permissions.paused_sentence(user, campaign, Role.ANNOTATOR),
            **_counts(user, campaign),
        )
        for campaign in open_now
    ]


def reviews_of(user: User) -> list[ReviewCard]:
    """Where something waits for this person's review."""
    campaigns = permissions.campaigns_of(user, *demonstrations.REVIEWERS).filter(kind=Kind.DEMONSTRATION)
    cards = [ReviewCard(campaign, demonstrations.to_review(campaign, user).count()) for campaign in campaigns]
    return [card for card in cards if card.waiting]


def _counts(user: User, campaign: Campaign) -> dict[str, int]:
    mine = campaign.demonstrations.filter(author=user)
    counted: dict[str, int] = mine.aggregate(
        sent=Count("pk"),
        returned=Count("pk", filter=Q(status=DemonstrationStatus.RETURNED)),
        approved=Count("pk", filter=Q(status=DemonstrationStatus.APPROVED)),
    )
    return counted


def progress_of(campaign: Campaign) -> DemonstrationProgress:
    counted: dict[str, int] = campaign.demonstrations.aggregate(
        approved=Count("pk", filter=Q(status=DemonstrationStatus.APPROVED)),
        in_review=Count("pk", filter=Q(status=DemonstrationStatus.IN_REVIEW)),
        returned=Count("pk", filter=Q(status=DemonstrationStatus.RETURNED)),
        authors=Count("author", distinct=True),
    )
    return DemonstrationProgress(campaign=campaign, **counted)
