"""How much one person may judge in a campaign: altogether, and in a day of its time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet
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
        return _whole_share(campaign)
    if campaign.most_per_day and _taken(campaign, by, campaign.most_per_day, since=_midnight(campaign)):
        return _share_of_today(campaign, campaign.most_per_day)
    return ""


def reached_in(campaigns: Sequence[Campaign], by: User) -> dict[int, str]:
    """As `reached`, by campaign; one query for all of them, which counts all that the person had."""
    capped = [campaign for campaign in campaigns if campaign.most_per_person or campaign.most_per_day]
    today = reduce(or_, (Q(comparison__campaign=one, created_at__gte=_midnight(one)) for one in capped), Q(pk__in=[]))
    rows = _taken_of(by, capped).values_list("comparison__campaign")
    counts = rows.annotate(total=Count("pk"), today=Count("pk", filter=today)) if capped else []
    had = {campaign: (total, of_today) for campaign, total, of_today in counts}
    sentences = {}
    for campaign in capped:
        total, of_today = had.get(campaign.pk, (0, 0))
        if campaign.most_per_person and total >= campaign.most_per_person:
            sentences[campaign.pk] = _whole_share(campaign)
        elif campaign.most_per_day and of_today >= campaign.most_per_day:
            sentences[campaign.pk] = _share_of_today(campaign, campaign.most_per_day)
    return sentences


def _whole_share(campaign: Campaign) -> str:
    return _("You have had all the comparisons of “%(campaign)s” that one person may judge. Thank you.") % {
        "campaign": campaign
    }


def _share_of_today(campaign: Campaign, most: int) -> str:
    return ngettext(
        "You have judged today's one comparison of “%(campaign)s”. It goes on tomorrow.",
        "You have judged today's %(count)d comparisons of “%(campaign)s”. It goes on tomorrow.",
        most,
    ) % {"campaign": campaign, "count": most}


def _midnight(campaign: Campaign) -> datetime:
    return midnight_of(timezone.now(), campaign.time_zone)


def _taken(campaign: Campaign, by: User, most: int, *, since: datetime | None = None) -> bool:
    """Whether the person holds or has judged so many; no more are counted than it takes to know."""
    taken = _taken_of(by, [campaign])
    if since is not None:
        taken = taken.filter(created_at__gte=since)
    return taken[:most].count() >= most


def _taken_of(by: User, campaigns: Sequence[Campaign]) -> QuerySet[Assignment]:
    """What the person holds or has judged."""
    counting = [AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED]
    return Assignment.objects.filter(annotator=by, comparison__campaign__in=campaigns, status__in=counting)
