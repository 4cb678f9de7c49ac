from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from workers.models import Worker


class WorkerFactory(DjangoModelFactory[Worker]):
    class Meta:
        model = Worker

    name = "worker@host"
    host = "host"
    process_id = factory.Sequence(lambda n: 100 + n)
    queues = ["sample"]
    since = factory.LazyFunction(lambda: timezone.now())
    started_at = factory.LazyFunction(lambda: timezone.now())
    seen_at = factory.LazyFunction(lambda: timezone.now())


def worker(**fields: Any) -> Worker:
    """A worker process that was seen just now; it listens to the queue `sample` unless told otherwise."""
    made: Worker = WorkerFactory(**fields)
    return made
