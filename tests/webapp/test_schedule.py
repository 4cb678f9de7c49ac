from __future__ import annotations

from celery.schedules import crontab
from django.conf import settings

from webapp.celery import app


def test_every_task_of_the_schedule_and_of_the_routes_is_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    routed = {name for name in settings.CELERY_TASK_ROUTES if not name.endswith("*")}
    assert scheduled | routed <= set(app.tasks)


def test_what_comes_once_a_day_comes_by_the_clock_and_not_so_long_after_a_start() -> None:
    times = {name: entry["schedule"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}
    assert {name for name, time in times.items() if isinstance(time, crontab)} == {
        "purge-drafts",
        "verify-record",
        "propose-concerns",
    }
    intervals = [time for time in times.values() if not isinstance(time, crontab)]
    assert max(intervals) <= 3_600
