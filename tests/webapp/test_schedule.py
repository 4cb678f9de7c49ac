from __future__ import annotations

from webapp.celery import app


def test_every_task_of_the_schedule_is_known_to_the_workers() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert len(scheduled) > 3
    assert scheduled - set(app.tasks) == set()
