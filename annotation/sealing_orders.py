"""Sealing what is too large for a page to wait for: ordered by a manager, carried out by a worker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from annotation import permissions, sealing
from annotation.models import SealingOrder
from preferences import progress
from preferences.actions import batches, events
from preferences.errors import DomainError
from preferences.models import Batch, Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

AT_ONCE = 5_000  # comparisons, which take a second or two
SHOWN = timedelta(days=1)
OPEN = Q(batch__isnull=True, refused="")


@dataclass(frozen=True)
class Shown:
    """An order and how far it is: None where no worker is at it yet, or any more."""

    order: SealingOrder
    standing: progress.Standing | None

    @property
    def is_open(self) -> bool:
        return self.order.batch_id is None and not self.order.refused


def seal(*, campaign: Campaign, week: str, by: User, anyway: str = "") -> Batch | SealingOrder:
    """Seals what is small at once, and orders the rest. What speaks against it is told now in either case."""
    found = sealing.proposal(campaign, week)
    if found.ready <= AT_ONCE:
        return sealing.seal(campaigns=[campaign], week=week, by=by, anyway=anyway)
    return order(campaign=campaign, week=week, by=by, anyway=anyway)


@transaction.atomic
def order(*, campaign: Campaign, week: str, by: User, anyway: str = "") -> SealingOrder:
    """Notes that the week is wanted; the order that is open already, where there is one."""
    permissions.check_can_manage(by, campaign)
    anyway = sealing.reason_of(anyway)
    sealing.check_rules(sealing.proposal(campaign, week).reasons, anyway)
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # the second of two clicks sees the first
    found = SealingOrder.objects.filter(OPEN, campaign=campaign, week=week).first()
    if found is None:
        found = SealingOrder.objects.create(campaign=campaign, week=week, anyway=anyway, ordered_by=by)
        events.record("sealing.ordered", found, by=by, campaign=campaign, week=week, anyway=anyway)
    return found


def carry_out(*, order_id: uuid.UUID) -> None:
    """Seals what was ordered, or notes why not, in the language of whoever ordered it.

    One transaction: a worker that dies leaves the order open and nothing sealed. An order that somebody is at, or that
    has its outcome, is left alone.
    """
    ordered = SealingOrder.objects.select_related("ordered_by").get(pk=order_id)
    with translation.override(ordered.ordered_by.language or settings.LANGUAGE_CODE):
        try:
            _carry_out(order_id)
        except DomainError as error:
            _refuse(order_id, str(error))


@transaction.atomic
def _carry_out(order_id: uuid.UUID) -> None:
    held = SealingOrder.objects.select_for_update(no_key=True, skip_locked=True).filter(OPEN, pk=order_id).first()
    if held is None:
        return
    by, week = held.ordered_by, held.week
    held.batch = sealing.seal(campaigns=[held.campaign], week=week, by=by, anyway=held.anyway)
    held.save(update_fields=["batch"])
    events.record("sealing.carried_out", held, by=by, campaign=held.campaign, batch=held.batch.name)


@transaction.atomic
def _refuse(order_id: uuid.UUID, sentence: str) -> None:
    held = SealingOrder.objects.select_for_update(no_key=True).filter(OPEN, pk=order_id).first()
    if held is not None:
        held.refused = sentence
        held.save(update_fields=["refused"])
        events.record("sealing.refused", held, by=held.ordered_by, campaign=held.campaign, reason=sentence)


def unfinished() -> list[uuid.UUID]:
    return list(SealingOrder.objects.filter(OPEN).order_by("ordered_at").values_list("pk", flat=True))


def is_ordered(campaign: Campaign, week: str) -> bool:
    """Whether it is wanted already, and being sealed or about to be."""
    return SealingOrder.objects.filter(OPEN, campaign=campaign, week=week).exists()


def shown(campaigns: QuerySet[Campaign]) -> list[Shown]:
    """The newest order of each campaign that is open, or that was ordered a short while ago."""
    recent = SealingOrder.objects.filter(OPEN | Q(ordered_at__gt=timezone.now() - SHOWN), campaign__in=campaigns)
    newest = recent.order_by("campaign", "-ordered_at").distinct("campaign").select_related("campaign", "batch")
    return [Shown(one, progress.standing(batches.progress_of(one.week, [one.campaign]))) for one in newest]


def without_ordered(proposals: Sequence[sealing.Proposal], orders: Sequence[Shown]) -> list[sealing.Proposal]:
    """The proposals of what nobody has ordered yet."""
    ordered = {(one.order.campaign_id, one.order.week) for one in orders if one.is_open}
    return [one for one in proposals if (one.campaign.pk, one.week) not in ordered]
