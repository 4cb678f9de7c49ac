from __future__ import annotations

from celery import shared_task

from exports.webhooks import delivering, outbox


@shared_task
def deliver() -> None:
    """Every few seconds: tells what happened, and sends what is due. Safe to run twice and beside itself."""
    while outbox.announce():
        pass
    delivering.deliver_due()
