"""What is done by the clock: leases that nobody claims go back, drafts do not stay forever, exams end with their time,
signals are looked at."""

from __future__ import annotations

import uuid

from celery import shared_task

from annotation import concerns, drafts, leases, qualification, review_draws, sealing, sealing_orders
from preferences.choices import CampaignStatus
from preferences.models import Campaign
from preferences.priority import after_people


@shared_task
def return_expired() -> None:
    """Every few seconds; safe to run twice and beside claims."""
    while leases.return_expired():
        pass


@shared_task
def draw_reviews() -> None:
    """Every minute; safe to run twice and beside everything."""
    review_draws.draw_all()


@shared_task
def purge_drafts() -> None:
    """Once a day."""
    drafts.purge()


@shared_task
def close_exams() -> None:
    """Every minute; parts whose time is over are handed in as they are."""
    while qualification.close_over():
        pass


@shared_task
def seal_weeks() -> None:
    """Every quarter of an hour; safe to run twice: what is sealed waits no more."""
    with after_people():
        sealing.seal_by_the_clock()


@shared_task(soft_time_limit=1600, time_limit=1700)  # seconds: as the tasks of exports
def seal_ordered(order_id: str) -> None:
    """Idempotent: an order that has its outcome, or that another worker is at, is left alone."""
    with after_people():
        sealing_orders.carry_out(order_id=uuid.UUID(order_id))


@shared_task
def call_sealing_orders() -> None:
    """Every half minute: orders whose message was lost, or whose worker died."""
    for order_id in sealing_orders.unfinished():
        seal_ordered.apply_async((str(order_id),), expires=30)


@shared_task
def propose_concerns() -> None:
    """Once a day: the rates of false alarms count on seven looks a week (annotation/quality/work.py)."""
    for campaign in Campaign.objects.filter(status=CampaignStatus.OPEN):
        concerns.propose(campaign=campaign, by=None)
