"""How much one person may judge in a campaign: altogether, and in a day of its time zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Assignment
from preferences.choices import AssignmentStatus
from preferences.errors import Conflict
from preferences.models import Campaign
from preferences.weeks import midnight_of

if TYPE_CHECKING:
    from webapp.accounts.models import User


class ShareReached(Conflict):
    """The person has had as much of the campaign as one may."""

    code = "share_reached"


def check(campaign: Campaign, by: User) -> None:
    if sentence := reached(campaign, by):
        raise ShareReached(sentence)


def reached(campaign: Campaign, by: User) -> str:
    """The sentence for who has had their share, else nothing. Exact while the person's row is held."""
    if campaign.most_per_person and _taken(campaign, by, campaign.most_per_person):
        return _("You have had all the comparisons of “%(campaign)s” that one person may judge. Thank you.") % {
            "campaign": campaign
        }
    if campaign.most_per_day and _taken(
        campaign, by, campaign.most_per_day, since=midnight_of(timezone.now(), campaign.time_zone)
    ):
        return ngettext(
            "You have judged today's one comparison of “%(campaign)s”. It goes on tomorrow.",
            "You have judged today's %(count)d comparisons of “%(campaign)s”. It goes on tomorrow.",
            campaign.most_per_day,
        ) % {"campaign": campaign, "count": campaign.most_per_day}
    return ""


def _taken(campaign: Campaign, by: User, most: int, *, since: datetime | None = None) -> bool:
    """Whether the person holds or has judged so many; no more are counted than it takes to know."""
    taken = Assignment.objects.filter(
        annotator=by,
        comparison__campaign=campaign,
        status__in=[AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED],
    )
    if since is not None:
        taken = taken.filter(created_at__gte=since)
    return taken[:most].count() >= most
