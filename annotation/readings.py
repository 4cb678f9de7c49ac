"""Which guideline versions a person has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import GuidelineReading
from preferences.actions import events
from preferences.models import Campaign, Guideline

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def confirm(*, guideline: Guideline, by: User) -> None:
    """The person says that they read this version; saying it twice is no error."""
    reading, created = GuidelineReading.objects.get_or_create(annotator=by, guideline=guideline)
    if created:
        events.record("guideline.read", reading, by=by, campaign=guideline.campaign, version=guideline.version)


def last_read(campaign: Campaign, by: User) -> Guideline | None:
    return campaign.guidelines.filter(readings__annotator=by).order_by("-version").first()


def unread(campaigns: QuerySet[Campaign], by: User) -> QuerySet[Guideline]:
    """The current guideline of each campaign whose current version the person has not read."""
    return _current(campaigns).exclude(readings__annotator=by).select_related("campaign")


def versions(campaigns: Sequence[Campaign], by: User) -> dict[int, tuple[int, bool]]:
    """By campaign, the version of its current guideline and whether the person has read it; not where it has none."""
    read = GuidelineReading.objects.filter(annotator=by, guideline=OuterRef("pk"))
    rows = _current(campaigns).annotate(is_read=Exists(read)).values_list("campaign", "version", "is_read")
    return {campaign: (version, is_read) for campaign, version, is_read in rows}


def _current(campaigns: QuerySet[Campaign] | Sequence[Campaign]) -> QuerySet[Guideline]:
    newer = Guideline.objects.filter(campaign=OuterRef("campaign"), version__gt=OuterRef("version"))
    return Guideline.objects.filter(~Exists(newer), campaign__in=campaigns)
