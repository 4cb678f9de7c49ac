from __future__ import annotations

from celery import shared_task

from webapp.api import idempotency


@shared_task
def purge_answers() -> None:
    """Every hour."""
    idempotency.purge()
