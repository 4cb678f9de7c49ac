"""Demonstrations as people's work: who may write and review one, under which guideline, and how long it took."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from annotation import claimants, leases, permissions, writing
from annotation.models import Role
from preferences.actions import demonstrations as actions
from preferences.actions.demonstrations import Exchange
from preferences.actions.prompts import Labels
from preferences.choices import DemonstrationStatus
from preferences.models import Campaign, Demonstration

if TYPE_CHECKING:
    from webapp.accounts.models import User

REVIEWERS = (Role.REVIEWER, Role.MANAGER)


@transaction.atomic
def submit(
    *,
    campaign: Campaign,
    exchanges: Sequence[Exchange],
    labels: Labels,
    by: User,
    key: uuid.UUID | None,
    pasted: int | None = None,
) -> Demonstration:
    claimants.at_work(by, campaign)
    return actions.submit(
        campaign=campaign,
        exchanges=exchanges,
        labels=labels,
        by=by,
        guideline=writing.read_guideline(campaign, by),
        active_seconds=writing.taken(about=campaign, campaign=campaign, by=by),
        key=key,
        pasted=pasted,
    )


@transaction.atomic
def rewrite(
    *,
    demonstration: Demonstration,
    exchanges: Sequence[Exchange],
    labels: Labels,
    by: User,
    pasted: int | None = None,
) -> Demonstration:
    campaign = demonstration.campaign
    claimants.at_work(by, campaign)
    return actions.rewrite(
        demonstration=demonstration,
        exchanges=exchanges,
        labels=labels,
        by=by,
        guideline=writing.read_guideline(campaign, by),
        active_seconds=writing.taken(about=demonstration, campaign=campaign, by=by),
        pasted=pasted,
    )


@transaction.atomic
def approve(
    *, demonstration: Demonstration, version: int, exchanges: Sequence[Exchange], met: Collection[str], by: User
) -> Demonstration:
    campaign = demonstration.campaign
    permissions.check_can_review(leases.alone(by), campaign)
    return actions.approve(
        demonstration=demonstration,
        version=version,
        exchanges=exchanges,
        met=met,
        by=by,
        guideline=writing.current_guideline(campaign),
        active_seconds=writing.taken(about=demonstration, campaign=campaign, by=by),
    )


@transaction.atomic
def send_back(
    *, demonstration: Demonstration, version: int, feedback: str, met: Collection[str], by: User
) -> Demonstration:
    campaign = demonstration.campaign
    permissions.check_can_review(leases.alone(by), campaign)
    return actions.send_back(
        demonstration=demonstration,
        version=version,
        feedback=feedback,
        met=met,
        by=by,
        active_seconds=writing.taken(about=demonstration, campaign=campaign, by=by),
    )


def to_review(campaign: Campaign, by: User) -> QuerySet[Demonstration]:
    """What waits for a reviewer and is not this person's own, the longest wait first."""
    waiting = campaign.demonstrations.filter(status=DemonstrationStatus.IN_REVIEW)
    return waiting.exclude(author=by).order_by("sent_at", "pk")
