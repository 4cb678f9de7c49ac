"""Celery's part: wake-up calls. A lost or doubled message costs nothing, because the rows are the queue."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from preferences.models import Variant
from workers import actions, sampling

log = logging.getLogger(__name__)

WAKE_EXPIRES = 30  # seconds


@shared_task
def sample(variant_id: int) -> None:
    """Samples what waits for one variant. Idempotent: with nothing waiting it does nothing."""
    sampling.drain(Variant.objects.get(pk=variant_id))
    if variant_id in actions.waiting_variants():
        sample.apply_async((variant_id,), expires=WAKE_EXPIRES)


@shared_task
def wake() -> None:
    """Every few seconds: wakes a worker for each variant with runs that nobody holds.

    The call expires, so that calls do not pile up while all workers are busy.
    """
    for variant_id in actions.waiting_variants():
        sample.apply_async((variant_id,), expires=WAKE_EXPIRES)


def wake_after_commit(variant_ids: set[int]) -> None:
    """Tells the workers now; where the broker is away, the runs are stored and the sweep finds them later."""
    transaction.on_commit(lambda: _wake_now(variant_ids))


def _wake_now(variant_ids: set[int]) -> None:
    for variant_id in sorted(variant_ids):
        try:
            sample.apply_async((variant_id,), expires=WAKE_EXPIRES)
        except OperationalError as error:
            log.warning("broker unreachable, the prompt waits for the sweep: %s", error)
            return
