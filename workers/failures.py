"""Requests that failed within a day, by their cause; when it has gone, all of them are asked for again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from preferences.choices import CampaignStatus, SamplingStatus, TurnStatus
from preferences.models import Campaign, Turn
from workers import actions
from workers.models import SamplingRun
from workers.standing import DAY

if TYPE_CHECKING:
    from webapp.accounts.models import User


MOST_CAUSES = 20


@dataclass(frozen=True)
class Cause:
    reason: str
    requests: int
    prompts: int
    variants: Sequence[str]
    last_at: datetime


@dataclass(frozen=True)
class Asked:
    prompts: int
    variants: set[int]  # those that have work by it


def causes(campaigns: QuerySet[Campaign]) -> list[Cause]:
    """Why requests of these campaigns failed within a day and stayed so: the newest MOST_CAUSES, the newest first."""
    rows = (
        _failed(campaigns)
        .values("reason")
        .annotate(
            requests=Count("pk"),
            prompts=Count("turn", distinct=True),
            variants=ArrayAgg("variant__name", distinct=True, order_by="variant__name"),
            last_at=Max("ended_at"),
        )
    )
    return [Cause(**row) for row in rows.order_by("-last_at")[:MOST_CAUSES]]


def ask_again(*, reason: str, campaigns: QuerySet[Campaign], by: User) -> Asked:
    """All that failed by this cause waits once more; each prompt is an action of its own, so that no worker waits."""
    failed = _failed(campaigns).filter(reason=reason)
    turns = list(Turn.objects.filter(pk__in=failed.values("turn")).order_by("pk"))
    for turn in turns:
        actions.retry(turn=turn, by=by)
    runs = SamplingRun.objects.filter(turn__in=turns, status=SamplingStatus.PENDING)
    return Asked(len(turns), set(runs.values_list("variant", flat=True)))


def _failed(campaigns: QuerySet[Campaign]) -> QuerySet[SamplingRun]:
    going_on = campaigns.exclude(status=CampaignStatus.CLOSED).order_by().values("pk")
    return SamplingRun.objects.filter(
        status=SamplingStatus.FAILED,
        ended_at__gte=timezone.now() - DAY,
        turn__status=TurnStatus.FAILED,
        turn__dialogue__campaign__in=going_on,
    )
