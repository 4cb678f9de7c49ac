"""The Celery application: celery -A webapp worker | beat."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("margin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["annotation", "workers", "workers.rewards", "workers.temperature", "exports", "exports.webhooks"]
)
