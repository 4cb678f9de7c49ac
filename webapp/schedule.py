"""Which queue a task goes to, and what the scheduler asks for how often."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

HOUR = 3_600.0

ROUTES = {
    "workers.tasks.wake": {"queue": "celery"},
    "workers.tasks.sample_ahead": {"queue": "celery"},
    "exports.tasks.sweep": {"queue": "celery"},
    # Sealing goes to the workers that do nothing else than it and exports: preferences/priority.py.
    "annotation.tasks.seal_ordered": {"queue": "export"},
    "annotation.tasks.seal_weeks": {"queue": "export"},
    "annotation.tasks.*": {"queue": "celery"},
    "workers.rewards.tasks.sweep": {"queue": "celery"},
    "workers.rewards.tasks.*": {"queue": "gpu"},
    "workers.temperature.tasks.call_waiting": {"queue": "celery"},
    "workers.temperature.tasks.*": {"queue": "gpu"},
    "workers.tasks.*": {"queue": "sample"},  # or sample.NAME: a variant may have workers of its own (docs/adr/0019)
    "exports.webhooks.tasks.*": {"queue": "celery"},
    "exports.tasks.*": {"queue": "export"},
    "webapp.api.tasks.*": {"queue": "celery"},
    "webapp.tasks.*": {"queue": "celery"},
}


def _every(seconds: float, task: str) -> dict[str, Any]:
    """A call that nobody has taken up when the next one comes is void."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


def _daily(hour: int, task: str) -> dict[str, Any]:
    """By the clock, UTC. A scheduler that is started anew counts an interval from then: one that is replaced each day
    would never come to the end of one."""
    return {"task": task, "schedule": crontab(minute=0, hour=hour), "options": {"expires": HOUR}}


# The rows are the queue; these sweeps find what a lost message or a dead worker left behind.
SCHEDULE = {
    "wake-sampling": _every(5.0, "workers.tasks.wake"),
    "sample-ahead": _every(5.0, "workers.tasks.sample_ahead"),
    "deliver-webhooks": _every(5.0, "exports.webhooks.tasks.deliver"),
    "chain-events": _every(5.0, "webapp.tasks.chain_events"),
    "return-expired": _every(10.0, "annotation.tasks.return_expired"),
    "sweep-exports": _every(30.0, "exports.tasks.sweep"),
    "sweep-rewards": _every(30.0, "workers.rewards.tasks.sweep"),
    "call-waiting-temperatures": _every(30.0, "workers.temperature.tasks.call_waiting"),
    "call-sealing-orders": _every(30.0, "annotation.tasks.call_sealing_orders"),
    "draw-reviews": _every(60.0, "annotation.tasks.draw_reviews"),
    "close-exams": _every(60.0, "annotation.tasks.close_exams"),
    "seal-weeks": _every(900.0, "annotation.tasks.seal_weeks"),
    "purge-answers": _every(HOUR, "webapp.api.tasks.purge_answers"),
    "purge-drafts": _daily(1, "annotation.tasks.purge_drafts"),
    "verify-record": _daily(2, "webapp.tasks.verify_record"),
    "propose-concerns": _daily(4, "annotation.tasks.propose_concerns"),
}
