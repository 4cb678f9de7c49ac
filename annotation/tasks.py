"""Celery's part of the queue: what nobody claims still goes back, and drafts do not stay forever."""

from __future__ import annotations

from celery import shared_task

from annotation import drafts, leases


@shared_task
def return_expired() -> None:
    """Every few seconds; safe to run twice and beside claims."""
    while leases.return_expired():
        pass


@shared_task
def purge_drafts() -> None:
    """Once a day."""
    drafts.purge()
