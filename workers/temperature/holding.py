"""A sweep in the hands of a worker: taken under a lease, each temperature as it is done, the choice at the end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences.actions import events, sampling_plans
from preferences.choices import SweepStatus
from preferences.models import Campaign
from preferences.text import storable
from workers.models import SweptTemperature, TemperatureSweep
from workers.temperature import results

LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 3  # that ended without a word at one temperature: it kills its workers


def waiting() -> QuerySet[TemperatureSweep]:
    """Those that nobody measures now: waiting, or held by somebody who gave no sign of life for a while."""
    lost = Q(status=SweepStatus.RUNNING, leased_until__lt=timezone.now())
    return TemperatureSweep.objects.filter(Q(status=SweepStatus.WAITING) | lost).order_by("pk")


@transaction.atomic
def take(*, sweep: TemperatureSweep) -> uuid.UUID | None:
    """Leases a sweep that nobody measures; the holder's key, or None where there is nothing to do."""
    free = waiting().select_for_update(skip_locked=True).filter(pk=sweep.pk).first()
    if free is None:
        return None
    if free.status == SweepStatus.RUNNING:
        lifecycle.advance(free, SweepStatus.WAITING, holder=None, leased_until=None)
    now, holder = timezone.now(), uuid.uuid4()
    lifecycle.advance(
        free,
        SweepStatus.RUNNING,
        holder=holder,
        leased_until=now + LEASE,
        attempts=free.attempts + 1,
        started_at=free.started_at or now,
        answered=0,
        reason="",
    )
    if free.attempts > MOST_ATTEMPTS:
        _fail(free, gettext_noop("It ended without a word several times."))
        return None
    events.record("temperature_sweep.started", free, by=None, campaign=free.campaign, attempt=free.attempts)
    sweep.refresh_from_db()
    return holder


def note(*, sweep: TemperatureSweep, holder: uuid.UUID, answered: int) -> bool:
    """A sign of life, with how far it is; False where the lease was lost and the sweep is somebody else's."""
    held = TemperatureSweep.objects.filter(pk=sweep.pk, holder=holder, status=SweepStatus.RUNNING)
    return held.update(leased_until=timezone.now() + LEASE, answered=answered) == 1


@transaction.atomic
def record(*, sweep: TemperatureSweep, holder: uuid.UUID, found: Mapping[str, Any]) -> bool:
    """Stores what was found at one temperature; False, and nothing stored, where the lease was lost.

    Whoever takes the sweep up after a death goes on with the next temperature, and attempts are counted anew.
    """
    held = TemperatureSweep.objects.select_for_update().get(pk=sweep.pk)
    if held.holder != holder:
        return False
    if held.swept.filter(temperature=found["temperature"]).exists():  # the connection broke before that was said
        return True
    SweptTemperature.objects.create(sweep=held, **found)
    TemperatureSweep.objects.filter(pk=held.pk).update(leased_until=timezone.now() + LEASE, answered=0, attempts=1)
    events.record("temperature_sweep.measured", held, by=None, campaign=held.campaign, temperature=found["temperature"])
    return True


@transaction.atomic
def finish(*, sweep: TemperatureSweep, holder: uuid.UUID) -> bool:
    """Chooses T*, seals the sweep and writes T* into the campaign's plan; False where the lease was lost."""
    Campaign.objects.select_for_update(no_key=True).get(pk=sweep.campaign_id)  # before the sweep, as everywhere
    held = TemperatureSweep.objects.select_for_update().get(pk=sweep.pk)
    if held.holder != holder:
        return False
    found = results.measured(held)
    if reason := _unusable(held, found):
        _fail(held, reason)
        return False
    best = results.best(held, found)
    lifecycle.advance(
        held,
        SweepStatus.DONE,
        holder=None,
        leased_until=None,
        temperature=float(found.grid[best.place]),
        low=best.low,
        high=best.high,
        finished_at=timezone.now(),
    )
    events.record(
        "temperature_sweep.done",
        held,
        by=None,
        campaign=held.campaign,
        variant=held.variant.name,
        temperature=held.temperature,
        low=held.low,
        high=held.high,
    )
    sampling_plans.tune(
        campaign=held.campaign, variant=held.variant, temperature=float(found.grid[best.place]), by=held.requested_by
    )
    sweep.refresh_from_db()
    return True


@transaction.atomic
def fail(*, sweep: TemperatureSweep, holder: uuid.UUID, reason: str) -> bool:
    held = TemperatureSweep.objects.select_for_update().get(pk=sweep.pk)
    if held.holder != holder:
        return False
    _fail(held, reason)
    return True


def _fail(sweep: TemperatureSweep, reason: str) -> None:
    lifecycle.advance(
        sweep,
        SweepStatus.FAILED,
        holder=None,
        leased_until=None,
        finished_at=timezone.now(),
        reason=storable(reason)[:300],
    )
    events.record("temperature_sweep.failed", sweep, by=None, campaign=sweep.campaign, reason=sweep.reason)


def _unusable(sweep: TemperatureSweep, found: results.Measured) -> str:
    """Why nothing can be chosen from what was found, "" where something can."""
    swept = list(sweep.swept.all())
    if len({one.weights_hash for one in swept}) > 1:
        return "The model's weights changed while it was measured. Ask for a new sweep."
    if found.rewards.shape[1] == 0:
        remarks = [remark for one in swept for remark in one.remarks]
        return " ".join(["Not one prompt has all its answers at every temperature.", *remarks[:1]])
    return ""
