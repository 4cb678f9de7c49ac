"""What stands in the record after everything died (bench/chaos.py), and what must not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from annotation.models import Assignment
from preferences.choices import AssignmentStatus, SlotStatus, TurnStatus
from preferences.models import Campaign, Comparison, Event, Judgment, Response, Turn


@dataclass
class Counted:
    judgments: int
    lost: int  # answered with success and not there
    twice: int  # (comparison, annotator) with more than one judgment
    beyond: int  # comparisons with more judgments than raters
    unfilled: int  # judgments less filled slots
    untold: int  # judgments less the events that tell of them
    sampled: int  # requests to models
    unpaired: int  # of these without a pair
    extra: int  # turns with more than one comparison or more than two responses
    expired: int  # leases that ran out
    expired_twice: int

    def defects(self) -> list[str]:
        """A sentence for everything that must not be."""
        wanted_none = {
            "judgments answered with success are not there": self.lost,
            "times somebody judged a comparison twice": self.twice,
            "comparisons have more judgments than raters": self.beyond,
            "is the difference of judgments and filled slots": self.unfilled,
            "is the difference of judgments and the events that tell of them": self.untold,
            "requests to models have no pair": self.unpaired,
            "turns have more than one pair": self.extra,
            "leases ran out twice": self.expired_twice,
        }
        return [f"{count} {what}." for what, count in wanted_none.items() if count]


def count(campaign: Campaign, answered: Collection[str]) -> Counted:
    """`answered`: the keys of the work items whose verdict was answered with success."""
    judged = Judgment.objects.filter(comparison__campaign=campaign)
    stored = Assignment.objects.filter(key__in=answered, status=AssignmentStatus.SUBMITTED, judgment__isnull=False)
    told = Event.objects.filter(campaign=campaign)
    asked = Turn.objects.filter(dialogue__campaign=campaign, sampling_runs__isnull=False).distinct()
    comparisons = Comparison.objects.filter(campaign=campaign)
    judgments = judged.count()
    return Counted(
        judgments=judgments,
        lost=len(answered) - stored.count(),
        twice=_more_than(1, judged, "comparison", "annotator"),
        beyond=_more_than(campaign.raters_per_item, judged, "comparison"),
        unfilled=judgments - campaign.slots.filter(status=SlotStatus.FILLED).count(),
        untold=judgments - told.filter(verb="judgment.recorded").count(),
        sampled=asked.count(),
        unpaired=asked.exclude(status=TurnStatus.READY).count(),
        extra=_more_than(1, comparisons, "turn") + _more_than(2, Response.objects.filter(turn__in=asked), "turn"),
        expired=told.filter(verb="assignment.expired").count(),
        expired_twice=_more_than(1, told.filter(verb="assignment.expired"), "subject"),
    )


def _more_than(most: int, rows: QuerySet[Any], *by: str) -> int:
    """How many groups of the rows have more than so many."""
    groups: int = rows.order_by().values(*by).annotate(count=Count("pk")).filter(count__gt=most).count()
    return groups
