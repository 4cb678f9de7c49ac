"""The Celery application: celery -A webapp worker | beat."""

from __future__ import annotations

import logging
import logging.config
import os
import tempfile
import time
from contextlib import ExitStack
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
if METRICS_BIND := os.environ.get("METRICS_BIND"):  # its children share what they count
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="margin-counts-"))

from preferences import metrics, origin
from webapp import counts, logs

app = Celery("margin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "annotation",
        "workers",
        "workers.rewards",
        "workers.temperature",
        "exports",
        "exports.webhooks",
        "webapp",
        "webapp.api",
    ]
)

REQUEST_ID = "margin_request_id"
_running: dict[str, tuple[ExitStack, float]] = {}  # by the task's id: what it is inside of, and when it began


@setup_logging.connect
def log_as_the_web_does(loglevel: int | str | None = None, **_rest: Any) -> None:
    """Instead of what Celery would set up; -l still counts."""
    logging.config.dictConfig(logs.configuration())
    if loglevel:
        logging.getLogger().setLevel(loglevel)


@before_task_publish.connect
def send_along(headers: dict[str, Any], **_rest: Any) -> None:
    """Which request asks for the task."""
    headers[REQUEST_ID] = origin.current.get().request_id


@task_prerun.connect
def come_from_there(task_id: str, task: Task[..., Any], **_rest: Any) -> None:
    """A task that no request asked for, such as the scheduler's, has its own id for one."""
    request_id = task.request.get(REQUEST_ID) or task_id
    entered = ExitStack()
    _running[task_id] = entered, time.monotonic()
    entered.enter_context(origin.coming(request_id=request_id, door=f"task {task.name}"))


@task_postrun.connect
def come_from_nowhere(task_id: str, task: Task[..., Any], state: str | None = None, **_rest: Any) -> None:
    if task_id in _running:
        entered, began = _running.pop(task_id)
        metrics.TASK_SECONDS.labels(task.name, (state or "unknown").lower()).observe(time.monotonic() - began)
        entered.close()


@worker_ready.connect
def tell_what_is_counted(**_rest: Any) -> None:
    if METRICS_BIND:
        counts.tell_on(METRICS_BIND)
