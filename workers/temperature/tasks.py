"""Celery's part of tuning, on the queue `gpu`. A lost or doubled message costs nothing: the rows are the queue."""

from __future__ import annotations

from celery import shared_task

from workers.models import TemperatureSweep
from workers.temperature import holding, work

LONGEST = 7 * 24 * 3600  # seconds; a sweep has no natural end that fits every model
EXPIRES = 30


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST)
def tune(sweep_id: int) -> None:
    """Measures a sweep that nobody measures. A second delivery, which comes while it runs, finds it held."""
    work.tune(TemperatureSweep.objects.get(pk=sweep_id))


@shared_task
def call_waiting() -> None:
    """Every half minute: calls a worker for sweeps that wait or were lost."""
    for key in holding.waiting().values_list("pk", flat=True):
        tune.apply_async((key,), expires=EXPIRES)
