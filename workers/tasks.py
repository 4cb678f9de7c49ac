"""Celery's part: wake-up calls. A lost or doubled message costs nothing, because the rows are the queue."""

from __future__ import annotations

import logging
from collections.abc import Collection

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from preferences.errors import DomainError
from preferences.models import Variant
from workers import actions, checking, faults, health, machines, prefetch, sampling
from workers.models import HealthCheck

log = logging.getLogger(__name__)

WAKE_EXPIRES = 30  # seconds


@shared_task
def sample(variant_id: int) -> None:
    """Samples what waits for one variant. Idempotent: with nothing waiting it does nothing."""
    variant = Variant.objects.get(pk=variant_id)
    sampling.drain(variant)
    if variant_id in actions.waiting_variants():
        _call(variant_id, variant.queue)
    faults.point("before-acknowledgement")


@shared_task
def check_variant(check_id: int) -> None:
    """Checks a variant by a worker that can hold it. A second delivery finds the check held or done."""
    checking.run(HealthCheck.objects.select_related("variant").get(pk=check_id))


@shared_task
def wake() -> None:
    """Every few seconds: wakes a worker for each variant with runs, or a check, that nobody holds."""
    _call_for(actions.waiting_variants())
    for check in health.unfinished().select_related("variant"):
        _call_to_check(check)


@shared_task
def sample_ahead() -> None:
    """Every few seconds: as people judge what was sampled ahead, the next prompts are asked for."""
    for campaign in prefetch.short_campaigns():
        try:
            _call_for(prefetch.refill(campaign=campaign))
        except DomainError as error:
            log.warning("nothing is sampled ahead for %s: %s", campaign.slug, error)


def wake_after_commit(variant_ids: set[int]) -> None:
    """Tells the workers now; where the broker is away, the runs are stored and the sweep finds them later."""
    transaction.on_commit(lambda: _wake_now(variant_ids))


def check_after_commit(check: HealthCheck) -> None:
    """Calls a worker of the variant's queue now; where the broker is away, the sweep finds the check later."""
    transaction.on_commit(lambda: _check_now(check))


def _check_now(check: HealthCheck) -> None:
    try:
        _call_to_check(check)
    except OperationalError as error:
        log.warning("broker unreachable, the health check waits for the sweep: %s", error)


def _call_to_check(check: HealthCheck) -> None:
    check_variant.apply_async((check.pk,), queue=machines.celery_queue(check.variant.queue), expires=WAKE_EXPIRES)


def _wake_now(variant_ids: set[int]) -> None:
    try:
        _call_for(sorted(variant_ids))
    except OperationalError as error:
        log.warning("broker unreachable, the prompt waits for the sweep: %s", error)


def _call_for(variant_ids: Collection[int]) -> None:
    queues = dict(Variant.objects.filter(pk__in=variant_ids).values_list("pk", "queue"))
    for variant_id in variant_ids:
        _call(variant_id, queues[variant_id])


def _call(variant_id: int, queue: str) -> None:
    """Wakes a worker of the variant's Celery queue. The call expires, so that calls do not pile up at busy workers."""
    sample.apply_async((variant_id,), queue=machines.celery_queue(queue), expires=WAKE_EXPIRES)
