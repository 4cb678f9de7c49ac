from __future__ import annotations

from typing import Any

from django.utils import timezone

from exports import actions as exports
from exports.models import Export
from preferences.actions import batches
from preferences.models import Batch, Campaign
from preferences.weeks import week_of
from tests.factories.made_campaigns import campaign as new_campaign
from tests.factories.work import judged_comparison


def batch(campaign: Campaign | None = None, *, comparisons: int = 2, **wanted: Any) -> Batch:
    """A sealed batch: what the campaign has finished until now, after `comparisons` more were judged.

    `wanted` are further arguments of the sealing.
    """
    campaign = campaign or new_campaign()
    for _ in range(comparisons):
        judged_comparison(campaign)
    return batches.seal(week=week_of(timezone.now(), campaign.time_zone), campaigns=[campaign], by=None, **wanted)


def export(batch: Batch, *, format: str = "trl", margin: str = "small") -> Export:
    """An export that is wanted and not yet written."""
    return exports.request(batch=batch, format=format, margin=margin, by=None)
