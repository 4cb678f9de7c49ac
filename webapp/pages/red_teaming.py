"""What My work says of red teaming."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Sum
from django.utils import timezone

from annotation import ledger, permissions, red_team, replays, requirements
from annotation.models import Exam, Role
from preferences.choices import CampaignStatus, DialogueStatus, Kind
from preferences.models import Campaign, RedTeamReport
from webapp.accounts.models import User


@dataclass(frozen=True)
class AttackCard:
    """One campaign of mine, counted now."""

    campaign: Campaign
    reported: int  # dialogues
    violating: int  # prompts
    seconds_this_week: float
    goes_on: bool  # a dialogue that has not ended
    waits: bool  # for my report
    paused: str
    to_judge: int  # replays
    exams: list[Exam]  # to be passed before its work


def cards_of(user: User, campaigns: list[Campaign]) -> list[AttackCard]:
    return [_card(user, campaign) for campaign in campaigns]


def judging_of(user: User) -> list[tuple[Campaign, int]]:
    """Where answers wait for somebody who reviews the campaign and does not work in it."""
    reviewed = permissions.campaigns_of(user, Role.REVIEWER, Role.MANAGER).filter(kind=Kind.RED_TEAM)
    own = permissions.campaigns_of(user, Role.ANNOTATOR).filter(status=CampaignStatus.OPEN).order_by()
    counted = [(campaign, replays.to_judge(campaign, user).count()) for campaign in reviewed.exclude(pk__in=own)]
    return [(campaign, waiting) for campaign, waiting in counted if waiting]


def _card(user: User, campaign: Campaign) -> AttackCard:
    mine = RedTeamReport.objects.filter(dialogue__campaign=campaign, dialogue__author=user)
    unfinished = red_team.unfinished(campaign, user).first()
    missing = [] if user.is_superuser else requirements.unmet(user, [campaign], at=timezone.now())
    return AttackCard(
        campaign=campaign,
        reported=mine.count(),
        violating=mine.aggregate(all=Sum(F("violating__len")))["all"] or 0,
        seconds_this_week=ledger.seconds_this_week(user, campaign),
        goes_on=unfinished is not None and unfinished.status == DialogueStatus.OPEN,
        waits=unfinished is not None and unfinished.status == DialogueStatus.ENDED,
        paused=permissions.paused_sentence(user, campaign, Role.ANNOTATOR),
        to_judge=replays.to_judge(campaign, user).count(),
        exams=[row.exam for row in missing],
    )
