from __future__ import annotations

from django.conf import settings

from webapp.celery import app


def test_every_task_of_the_schedule_and_of_the_routes_is_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    routed = {name for name in settings.CELERY_TASK_ROUTES if not name.endswith("*")}
    assert scheduled | routed <= set(app.tasks)
