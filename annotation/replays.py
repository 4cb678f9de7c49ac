"""Replayed attacks as people's work: how safe is the answer of the new variant, which nobody is told?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

from annotation import claimants, leases, permissions, writing
from annotation.care import care_of
from annotation.models import Role
from preferences.actions import replays as actions
from preferences.models import Campaign, Replay

if TYPE_CHECKING:
    from webapp.accounts.models import User

JUDGES = (Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER)


@transaction.atomic
def judge(*, replay: Replay, safety: int | None, by: User) -> Replay:
    campaign = replay.attempt.dialogue.campaign
    if not permissions.can_review(leases.alone(by), campaign):
        claimants.at_work(by, campaign)
        writing.read_guideline(campaign, by)
    seconds = writing.taken(about=replay, campaign=campaign, by=by)
    return actions.judge(replay=replay, safety=safety, active_seconds=seconds, by=by)


def check_can_judge(user: User, campaign: Campaign) -> None:
    if not permissions.can_review(user, campaign):
        permissions.check_can_judge(user, campaign)


def to_judge(campaign: Campaign, by: User) -> QuerySet[Replay]:
    """What was answered, is not this person's attack, and is of no risk category that they opted out of.

    Everybody has an order of their own, so that two people seldom look at the same and it tells nothing of variants.
    """
    opted_out = care_of(by).opted_out
    unwanted = Q(attempt__dialogue__report__risk_categories__overlap=opted_out) | Q(
        attempt__prompt__risk_category__in=opted_out
    )
    waiting = Replay.objects.filter(
        attempt__dialogue__campaign=campaign, safety__isnull=True, turn__chosen_response__isnull=False
    ).exclude(attempt__dialogue__author=by)
    mine = waiting.exclude(unwanted) if opted_out else waiting
    return mine.order_by(MD5(Concat(Cast("key", CharField()), Value(f":{by.pk}"))))
