"""Replays of violating prompts: what a variant has not met yet is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from preferences.actions import replays
from preferences.choices import TurnStatus
from preferences.models import Campaign, Replay, Variant
from workers import actions, tasks
from workers.actions import Side

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Asked:
    new: int  # prompts
    again: int  # whose sampling had failed


@transaction.atomic
def ask(*, campaign: Campaign, variant: Variant, by: User | None) -> Asked:
    """Samples what this variant has not met yet, as it was sampled then, and tries again what failed."""
    made = replays.open_all(campaign=campaign, variant=variant, by=by)
    for replay in made:
        before = replay.attempt.sampling_runs.first()
        side = Side(variant, *((before.temperature, before.top_p) if before else (1.0, 1.0)))
        actions.request_one(turn=replay.turn, by=by, side=side)
    failed = list(_failed(campaign, variant))
    for replay in failed:
        actions.retry(turn=replay.turn, by=by)
    tasks.wake_after_commit({variant.pk})
    return Asked(len(made), len(failed))


def _failed(campaign: Campaign, variant: Variant) -> list[Replay]:
    replayed = Replay.objects.filter(attempt__dialogue__campaign=campaign, variant=variant)
    failed = replayed.filter(turn__status=TurnStatus.FAILED, turn__prompt__retirement=None)
    return list(failed.select_related("turn"))
