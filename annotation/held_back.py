"""Why a person gets no more of each of their campaigns now: of however many at once, in as many queries as of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from annotation import caps, permissions, requirements
from annotation.models import CampaignExam, Membership, Role
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


def sentences(user: User, campaigns: Sequence[Campaign]) -> dict[int, str]:
    """By campaign, of those in which something is in the way: a pause, an exam, or their share of the work.

    Of campaigns in which the user annotates, it is what `permissions.check_can_judge` and `caps.check` refuse with.
    """
    paused, missing = _paused(user), _missing(user, campaigns)
    reached = caps.reached_in(campaigns, user)
    found = {}
    for campaign in campaigns:
        if user.paused_at is not None:
            found[campaign.pk] = permissions.account_paused_sentence(user)
        elif campaign.pk in paused:
            found[campaign.pk] = permissions.work_paused_sentence(campaign)
        elif campaign.pk in missing and not user.is_superuser:
            found[campaign.pk] = permissions.unqualified_sentence(campaign, missing[campaign.pk])
        elif campaign.pk in reached:
            found[campaign.pk] = reached[campaign.pk]
    return found


def _paused(user: User) -> set[int]:
    theirs = Membership.objects.filter(user=user, role=Role.ANNOTATOR, paused_at__isnull=False)
    return set(theirs.values_list("campaign", flat=True))


def _missing(user: User, campaigns: Sequence[Campaign]) -> dict[int, CampaignExam]:
    """By campaign, the first exam that the user has not passed."""
    found: dict[int, CampaignExam] = {}
    for row in requirements.unmet(user, campaigns, at=timezone.now()):
        found.setdefault(row.campaign_id, row)
    return found
