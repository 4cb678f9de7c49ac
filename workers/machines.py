"""Which worker processes there are, to which queues they listen, and what waits where nobody does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from preferences.choices import SamplingStatus
from preferences.models import Turn, Variant
from workers import health
from workers.models import SamplingRun, Worker
from workers.presence import KEPT
from workers.rewards import actions as rewards
from workers.temperature import holding as temperatures

AWAY_AFTER = timedelta(seconds=30)
GPU = "gpu"  # the Celery queue of trainings and sweeps


@dataclass(frozen=True)
class Seen:
    """A worker process with the variants that it can sample from without loading them."""

    worker: Worker
    loaded: Sequence[Variant]
    is_away: bool


@dataclass(frozen=True)
class Unserved:
    """A Celery queue for which something waits and to which no worker listens."""

    queue: str
    waiting: int

    @property
    def command(self) -> str:
        """What starts a worker for it, on a machine that has the models."""
        return f"celery -A webapp worker -n {self.queue}@%h -Q {self.queue} -c 1"


def celery_queue(name: str) -> str:
    """The Celery queue of the variants whose `queue` has this name (docs/adr/0019)."""
    return f"sample.{name}" if name else "sample"


def seen() -> list[Seen]:
    """All worker processes that told of themselves within a day; those that are there come first."""
    now = timezone.now()
    workers = Worker.objects.filter(seen_at__gte=now - KEPT).select_related("variant", "reward_model")
    variants = Variant.objects.in_bulk({key for worker in workers for key in worker.loaded})
    found = [
        Seen(
            worker=worker,
            loaded=sorted((variants[key] for key in worker.loaded), key=str),
            is_away=worker.seen_at < now - AWAY_AFTER,
        )
        for worker in workers
    ]
    return sorted(found, key=lambda one: one.is_away)


def served_queues(now: datetime) -> set[str]:
    """The Celery queues to which a worker listens that is there."""
    there = Worker.objects.filter(seen_at__gte=now - AWAY_AFTER).values_list("queues", flat=True)
    return {queue for queues in there for queue in queues}


def unserved() -> list[Unserved]:
    served = served_queues(timezone.now())
    return [Unserved(queue, count) for queue, count in sorted(_waiting().items()) if queue not in served]


def _waiting() -> Counter[str]:
    """How much there is for each Celery queue that nobody works on: responses, checks, trainings, sweeps."""
    found: Counter[str] = Counter()
    for rows in (SamplingRun.objects.filter(unheld(timezone.now())), health.unfinished()):
        for name, count in rows.order_by().values_list("variant__queue").annotate(Count("pk")):
            found[celery_queue(name)] += count
    found[GPU] = rewards.untrained().count() + temperatures.waiting().count()
    return +found


def are_away(turn: Turn) -> bool:
    """Whether a response of the turn waits for workers of which none is there: not which of the responses."""
    now = timezone.now()
    names: Iterable[str] = turn.sampling_runs.filter(unheld(now)).values_list("variant__queue", flat=True)
    queues = {celery_queue(name) for name in names}
    return not queues <= served_queues(now)


def unheld(now: datetime) -> Q:
    """What no worker works on: what waits, and what its worker lost."""
    return Q(status=SamplingStatus.PENDING) | Q(status=SamplingStatus.RUNNING, leased_until__lt=now)
