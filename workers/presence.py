"""Each worker process tells every few seconds that it is there, what it holds and what it does.

A thread tells, so that an idle worker is seen as well as one that works, and nothing waits for it. What a process does
is noted in its memory only, where the thread finds it.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psutil
from celery import current_app
from celery.signals import task_postrun, task_prerun, worker_process_init, worker_process_shutdown
from django.db import close_old_connections, connection
from django.utils import timezone

from preferences.models import Variant
from workers.engines.device import device
from workers.models import RewardModel, Worker

log = logging.getLogger(__name__)

SECONDS = 5.0
KEPT = timedelta(days=1)  # how long a worker that ended without a word is remembered


@dataclass(frozen=True)
class Doing:
    task: str = ""  # Celery's name; "" for nothing
    variant: int | None = None
    runs: int = 0
    reward_model: uuid.UUID | None = None
    since: datetime = field(default_factory=timezone.now)


@dataclass
class _Process:
    """What this process is and does; one of each for as long as the process lives."""

    doing: Doing = field(default_factory=Doing)
    loaded: tuple[int, ...] = ()
    teller: threading.Thread | None = None
    over: threading.Event = field(default_factory=threading.Event)


_process = _Process()


@contextmanager
def sampling(variant: Variant, runs: int) -> Iterator[None]:
    with _doing(variant=variant.pk, runs=runs):
        yield


@contextmanager
def training(model: RewardModel) -> Iterator[None]:
    with _doing(reward_model=model.pk):
        yield


def holds(variants: Iterable[int]) -> None:
    """Notes whose models this process has loaded."""
    _process.loaded = tuple(sorted(variants))


def tell(name: str, key: uuid.UUID, started_at: datetime) -> None:
    """Writes what this process is and does."""
    doing, here = _process.doing, device()
    Worker.objects.update_or_create(
        pk=key,
        defaults={
            "name": name,
            "host": socket.gethostname(),
            "process_id": os.getpid(),
            "queues": sorted(current_app.amqp.queues.consume_from),
            "device": here.name,
            "memory_used": here.memory_used,
            "memory_total": here.memory_total,
            "loaded": list(_process.loaded),
            "task": doing.task,
            "variant_id": doing.variant,
            "runs": doing.runs,
            "reward_model_id": doing.reward_model,
            "since": doing.since,
            "started_at": started_at,
            "seen_at": timezone.now(),
        },
    )


def forget_the_dead(name: str) -> None:
    """Forgets who has not been seen for a day, and those of this name and machine that this process takes over from."""
    Worker.objects.filter(seen_at__lt=timezone.now() - KEPT).delete()
    before = Worker.objects.filter(name=name, host=socket.gethostname())
    ended = [worker.pk for worker in before if worker.process_id == os.getpid() or not _runs(worker.process_id)]
    Worker.objects.filter(pk__in=ended).delete()


def _runs(process_id: int) -> bool:
    """A process that was killed and that nobody waited for still has its number."""
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@worker_process_init.connect
def begin(sender: str, **_rest: Any) -> None:
    """In each child of a worker, as it starts."""
    _process.teller = threading.Thread(target=_keep_telling, args=(sender,), name="presence", daemon=True)
    _process.teller.start()


@worker_process_shutdown.connect
def end(**_rest: Any) -> None:
    """In a child that is asked to end, which it waits for; one that is killed is seen to be away."""
    _process.over.set()
    if _process.teller is not None:
        _process.teller.join(SECONDS)


@task_prerun.connect
def _begins(task: Any, **_rest: Any) -> None:
    _process.doing = Doing(task=task.name)


@task_postrun.connect
def _ends(**_rest: Any) -> None:
    _process.doing = Doing()


@contextmanager
def _doing(**what: Any) -> Iterator[None]:
    before = _process.doing
    _process.doing = Doing(task=before.task, **what)
    try:
        yield
    finally:
        _process.doing = before


def _keep_telling(name: str) -> None:
    key, started_at = uuid.uuid4(), timezone.now()
    _patiently(lambda: forget_the_dead(name))
    while True:
        _patiently(lambda: tell(name, key, started_at))
        if _process.over.wait(SECONDS):
            break
    _patiently(lambda: Worker.objects.filter(pk=key).delete())
    connection.close()  # the thread's own


def _patiently(write: Callable[[], object]) -> None:
    """Whatever is in the way is tried again later: it neither holds up the work nor makes a living worker seem dead."""
    close_old_connections()
    try:
        write()
    except Exception as error:
        log.warning("this worker could not tell that it is there, trying again: %r", error)
        connection.close()
