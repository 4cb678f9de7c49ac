from __future__ import annotations

from celery import shared_task

from preferences import event_chain, record_verifying


@shared_task
def chain_events() -> None:
    """Every few seconds: puts the events that were committed since into the chain. Safe to run beside itself."""
    while event_chain.extend():
        pass


@shared_task
def verify_record() -> None:
    """Once a day: compares the triggers and reads the chain on. Safe to run beside itself."""
    record_verifying.look()
