"""What would become of a campaign's week if it were sealed now: for whoever is asked whether it shall be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from annotation import sealing
from annotation.models import SealingRule
from preferences.actions import batches, holdout
from preferences.choices import ComparisonStatus
from preferences.models import Campaign, Comparison
from preferences.weeks import end_of


@dataclass(frozen=True)
class Outlook:
    """`first` and `last` are the week's Monday and Sunday, in the campaign's time zone."""

    proposal: sealing.Proposal
    rule: SealingRule
    name: str
    first: date
    last: date
    is_over: bool
    unfinished: int  # comparisons that still want judgments, of whichever week
    held_out: int

    @property
    def held_out_share(self) -> float:
        return self.held_out / self.proposal.ready if self.proposal.ready else 0.0


def outlook(campaign: Campaign, week: str) -> Outlook:
    """InvalidInput where there is no such week."""
    ended = end_of(week, campaign.time_zone)
    after = ended.astimezone(ZoneInfo(campaign.time_zone)).date()
    proposal = sealing.proposal(campaign, week)
    return Outlook(
        proposal=proposal,
        rule=sealing.rule_of(campaign),
        name=batches.next_name(week, [campaign]),
        first=after - timedelta(days=7),
        last=after - timedelta(days=1),
        is_over=ended <= timezone.now(),
        unfinished=Comparison.objects.filter(campaign=campaign, status=ComparisonStatus.OPEN).count(),
        held_out=holdout.wanted_of(proposal.ready) if proposal.ready else 0,
    )
