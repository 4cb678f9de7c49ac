"""What the record, the workers and the broker say of themselves at the moment in which metrics are read."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, Max, Min
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from annotation import sealing_orders
from annotation.models import Assignment, SealingOrder
from exports.models import Export
from exports.webhooks.models import Delivery
from preferences import record_verifying
from preferences.agreement import agreement_of
from preferences.choices import (
    AssignmentStatus,
    CampaignStatus,
    DeliveryStatus,
    ExportStatus,
    SamplingStatus,
    SlotStatus,
)
from preferences.counting import Scope
from preferences.models import Campaign, Comparison, Event, Slot, Variant
from preferences.stats.agreement import Agreement
from webapp.celery import app
from webapp.counted import counted
from workers import machines
from workers.models import SamplingRun, Worker

SECONDS = 10.0  # what was asked is told again for so long, however many read it
RECENTLY = timedelta(hours=1)

log = logging.getLogger(__name__)


class RecordCollector(Collector):
    """Asks at most every ten seconds; what is away is told as such, and nothing else of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at = -SECONDS
        self._told: list[Metric] = []
        self._queues = _queues_of_all()  # and those of variants, once the record named them

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if time.monotonic() - self._asked_at >= SECONDS:
                began = time.monotonic()
                self._told = _asked("database", self._record, (Error,))
                self._told += _asked("broker", lambda: _broker(self._queues), AWAY)
                self._told.append(_gauge("margin_scrape_seconds", "Asking all this.", time.monotonic() - began))
                self._asked_at = time.monotonic()
            return self._told

    def _record(self) -> Iterator[Metric]:
        """The broker is asked about the same queues, and without the record about those that were known before."""
        self._queues = _queues()
        yield from _record(self._queues)


AWAY = (BrokerAway, RedisError, OSError)


def _asked(what: str, ask: Callable[[], Iterable[Metric]], away: tuple[type[Exception], ...]) -> list[Metric]:
    up, sentence = f"margin_{what}_up", f"Whether the {what} can be reached."
    try:
        return [*ask(), _gauge(up, sentence, 1)]
    except away as error:
        log.warning("metrics without the %s: %s", what, error)
        if what == "database":
            connection.close()
        return [_gauge(up, sentence, 0)]


def _gauge(name: str, sentence: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, sentence, value=value)


def _labelled(
    name: str, sentence: str, labels: tuple[str, ...], found: Iterable[tuple[tuple[str, ...], float | None]]
) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(name, sentence, labels=labels)
    for values, number in found:
        if number is not None:
            metric.add_metric(values, number)
    return metric


def _record(queues: list[str]) -> Iterator[Metric]:
    yield from _people()
    yield from _models()
    yield from _workers(queues)
    yield from _agreement()
    yield from _long_work()
    yield from _verified()
    deliveries = Delivery.objects.filter(status=DeliveryStatus.WAITING)
    yield _gauge("margin_deliveries_waiting", "Messages on their way to webhooks.", deliveries.count())


def _people() -> Iterator[Metric]:
    """What waits for annotators, and what they hold."""
    of, now = ("campaign",), timezone.now()
    waiting = list(
        Slot.objects.filter(status=SlotStatus.OPEN)
        .order_by()
        .values_list("campaign__slug")
        .annotate(count=Count("pk"), first=Min("pk"))
    )
    firsts = [first for _, _, first in waiting]
    born = dict(Comparison.objects.filter(slots__in=firsts).values_list("slots__pk", "created_at"))
    counts = [((slug,), float(count)) for slug, count, _ in waiting]
    yield _labelled("margin_slots_open", "Judgments that may be given at once.", of, counts)
    ages = [((slug,), (now - born[first]).total_seconds()) for slug, _, first in waiting if first in born]
    yield _labelled("margin_slots_oldest_seconds", "Age of the oldest comparison that waits.", of, ages)
    held = Assignment.objects.filter(status=AssignmentStatus.ACTIVE).order_by()
    leases = held.values_list("comparison__campaign__slug").annotate(Count("pk"))
    yield _labelled("margin_leases_held", "Comparisons in annotators' hands.", of, [((s,), n) for s, n in leases])


def _models() -> Iterator[Metric]:
    """Responses that wait for models."""
    of, now = ("variant",), timezone.now()
    unfinished = SamplingRun.objects.filter(status__in=[SamplingStatus.PENDING, SamplingStatus.RUNNING])
    waiting = unfinished.order_by().values_list("variant__name").annotate(Count("pk"), Min("created_at"))
    runs = list(waiting)
    counts = [((name,), float(count)) for name, count, _ in runs]
    yield _labelled("margin_runs_waiting", "Responses that were asked for and are not there.", of, counts)
    ages = [((name,), (now - since).total_seconds()) for name, _, since in runs]
    yield _labelled("margin_runs_oldest_seconds", "Age of the oldest of them.", of, ages)


def _workers(queues: list[str]) -> Iterator[Metric]:
    now = timezone.now()
    there = Worker.objects.filter(seen_at__gte=now - machines.AWAY_AFTER)
    served = [queue for listened in there.values_list("queues", flat=True) for queue in listened]
    counts = [((queue,), float(served.count(queue))) for queue in queues]
    yield _labelled("margin_workers", "Worker processes that are there, by queue.", ("queue",), counts)
    memory = _labelled("margin_gpu_memory_bytes", "Of the GPU, by whomever.", ("worker", "host", "kind"), [])
    for name, host, used, total in there.values_list("name", "host", "memory_used", "memory_total"):
        if used is not None and total is not None:
            memory.add_metric((name, host, "used"), used)
            memory.add_metric((name, host, "total"), total)
    yield memory


def _long_work() -> Iterator[Metric]:
    """Exports and ordered sealings: what is not done yet, since when, and what went wrong."""
    now = timezone.now()
    unfinished = Export.objects.filter(status__in=[ExportStatus.PENDING, ExportStatus.RUNNING]).order_by()
    exports = [f"export:{pk}" for pk in unfinished.values_list("pk", flat=True)]
    yield _gauge("margin_exports_unfinished", "Exports that wait or are being written.", len(exports))
    wanted = Event.objects.filter(subject__in=exports, verb__in=["export.requested", "export.wanted_again"])
    latest = wanted.order_by().values_list("subject").annotate(Max("at"))  # an export may be wanted again
    ages = [(("export",), (now - at).total_seconds()) for _, at in latest]
    orders = SealingOrder.objects.filter(sealing_orders.OPEN).values_list("ordered_at", flat=True)
    ages += [(("sealing",), (now - at).total_seconds()) for at in orders]
    oldest = [(work, max(age for one, age in ages if one == work)) for work in sorted({work for work, _ in ages})]
    yield _labelled("margin_work_oldest_seconds", "Since when the oldest is wanted.", ("work",), oldest)
    failed = Event.objects.filter(verb="export.failed", at__gte=now - RECENTLY).count()
    yield _gauge("margin_exports_failed", "Exports that failed within the last hour.", failed)


def _verified() -> Iterator[Metric]:
    """What the last daily look at the chain of events and the triggers found, and how long ago it was."""
    last = record_verifying.last_look()
    since = record_verifying.since(last)
    faults = float(len(last.faults)) if last else None
    age = (timezone.now() - since).total_seconds() if since else None
    yield _labelled("margin_record_faults", "What the last look at the record found amiss.", (), [((), faults)])
    yield _labelled("margin_record_verified_seconds", "Since the record was last verified.", (), [((), age)])


def _agreement() -> Iterator[Metric]:
    """Counted every five minutes, once for all web processes."""
    metric = _labelled("margin_agreement_ac2", "Gwet's AC2, with its interval.", ("campaign", "bound"), [])
    for campaign in Campaign.objects.filter(status=CampaignStatus.OPEN):
        found = counted(f"metrics:ac2:{campaign.slug}", lambda campaign=campaign: _ac2(campaign)).value  # type: ignore[misc]
        for bound, value in (("estimate", found.value), ("low", found.low), ("high", found.high)):
            if value is not None:
                metric.add_metric((campaign.slug, bound), value)
    yield metric


def _ac2(campaign: Campaign) -> Agreement:
    return agreement_of(Scope((campaign,)))


def _broker(queues: list[str]) -> Iterator[Metric]:
    with app.connection_for_read() as broker:
        channel: Any = broker.channel()  # tries once, where the default one would try for seconds
        counts = [((queue,), float(channel._size(queue))) for queue in queues]
    yield _labelled("margin_broker_messages", "Calls that no worker took up yet.", ("queue",), counts)


def _queues() -> list[str]:
    named = {machines.celery_queue(queue) for queue in Variant.objects.values_list("queue", flat=True).distinct()}
    return sorted({*_queues_of_all(), *named})


def _queues_of_all() -> list[str]:
    """Those that no variant has for itself."""
    return sorted({route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {"celery"})
