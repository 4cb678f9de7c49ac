"""How the queue of each variant stands: what waits, what came of the last hour, what fails and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from preferences.choices import SamplingStatus, VariantStatus
from preferences.models import Variant
from workers.machines import celery_queue, served_queues
from workers.models import SamplingRun

RECENT = timedelta(hours=1)
DAY = timedelta(days=1)

# Time at work is that in which at least one answer was in the making, however many workers were at it: the union of
# the times that the answers took.
_ENDED = """
    SELECT variant_id, answered, failed, waited[1], waited[2], tokens, unconfirmed,
           (SELECT sum(extract(epoch FROM upper(stretch) - lower(stretch))) FROM unnest(at_work) AS stretch)
      FROM (
        SELECT run.variant_id,
               count(*) FILTER (WHERE run.status = 'done') AS answered,
               count(*) FILTER (WHERE run.status = 'failed') AS failed,
               percentile_cont(ARRAY[0.5, 0.95])
                   WITHIN GROUP (ORDER BY extract(epoch FROM run.ended_at - run.created_at))
                   FILTER (WHERE run.status = 'done' AND NOT run.ahead) AS waited,
               sum(response.completion_tokens) AS tokens,
               count(response.unconfirmed) AS unconfirmed,
               range_agg(tstzrange(run.ended_at - response.latency_ms * interval '1 millisecond', run.ended_at))
                   FILTER (WHERE response.latency_ms > 0) AS at_work
          FROM workers_samplingrun run LEFT JOIN preferences_response response ON response.id = run.response_id
         WHERE run.ended_at >= %s
         GROUP BY run.variant_id
      ) AS hour
"""
_UNCONFIRMED = """
    SELECT DISTINCT run.variant_id, parameter
      FROM workers_samplingrun run JOIN preferences_response response ON response.id = run.response_id,
           unnest(response.unconfirmed) AS parameter
     WHERE run.ended_at >= %s
     ORDER BY run.variant_id, parameter
"""


@dataclass(frozen=True)
class Waiting:
    """What is asked for and not there yet."""

    live: int = 0  # somebody waits for it
    ahead: int = 0
    running: int = 0
    oldest: datetime | None = None  # when the oldest that no worker has begun was asked for


@dataclass(frozen=True)
class Ended:
    """What came of the last hour."""

    answered: int = 0
    failed: int = 0
    median: float | None = None  # seconds from asked to answered, of what somebody waited for
    slow: float | None = None  # and those that one in twenty is not answered within
    tokens_per_second: float | None = None  # while at work
    unconfirmed: int = 0  # answers with a parameter that the engine does not vouch for
    parameters: Sequence[str] = ()  # which these are


@dataclass(frozen=True)
class Trouble:
    reason: str
    at: datetime | None = None
    runs: int = 0


@dataclass(frozen=True)
class Standing:
    variant: Variant
    queue: str
    is_served: bool
    waiting: Waiting = field(default_factory=Waiting)
    ended: Ended = field(default_factory=Ended)
    put_back: Trouble | None = None  # the engine as a whole does not answer: these are tried again
    failure: Trouble | None = None  # the last one within a day


def standings() -> list[Standing]:
    """One for each variant that is sampled, and for those retired that something still waits for; by name."""
    now = timezone.now()
    waiting, ended = _waiting(), _ended(now)
    failures, put_back, served = _failures(now), _put_back(), served_queues(now)
    sampled = Q(status=VariantStatus.ACTIVE) & ~Q(engine="imported") | Q(pk__in=[*waiting, *ended])
    return [
        Standing(
            variant=variant,
            queue=celery_queue(variant.queue),
            is_served=celery_queue(variant.queue) in served,
            waiting=waiting.get(variant.pk, Waiting()),
            ended=ended.get(variant.pk, Ended()),
            put_back=put_back.get(variant.pk),
            failure=failures.get(variant.pk),
        )
        for variant in Variant.objects.filter(sampled).order_by("name")
    ]


def _waiting() -> Mapping[int, Waiting]:
    pending = Q(status=SamplingStatus.PENDING)
    rows = (
        SamplingRun.objects.filter(status__in=[SamplingStatus.PENDING, SamplingStatus.RUNNING])
        .values("variant")
        .annotate(
            live=Count("pk", filter=pending & Q(ahead=False)),
            early=Count("pk", filter=pending & Q(ahead=True)),
            running=Count("pk", filter=~pending),
            oldest=Min("created_at", filter=pending),
        )
    )
    return {row["variant"]: Waiting(row["live"], row["early"], row["running"], row["oldest"]) for row in rows}


def _ended(now: datetime) -> Mapping[int, Ended]:
    parameters: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_UNCONFIRMED, [now - RECENT])
        for variant, parameter in cursor.fetchall():
            parameters[variant].append(parameter)
        cursor.execute(_ENDED, [now - RECENT])
        return {row[0]: _hour(row, parameters[row[0]]) for row in cursor.fetchall()}


def _hour(row: Sequence[Any], parameters: Sequence[str]) -> Ended:
    _variant, answered, failed, median, slow, tokens, unconfirmed, at_work = row
    speed = float(tokens) / float(at_work) if tokens and at_work else None
    return Ended(answered, failed, median, slow, speed, unconfirmed, parameters)


def _failures(now: datetime) -> Mapping[int, Trouble]:
    failed = SamplingRun.objects.filter(status=SamplingStatus.FAILED, ended_at__gte=now - DAY)
    newest = failed.order_by("variant", "-ended_at").distinct("variant")
    return {run.variant_id: Trouble(run.reason, run.ended_at) for run in newest}


def _put_back() -> Mapping[int, Trouble]:
    waiting = SamplingRun.objects.filter(status=SamplingStatus.PENDING, setbacks__gt=0)
    counts = dict(waiting.values_list("variant").annotate(Count("pk")))
    newest = waiting.order_by("variant", "-not_before").distinct("variant")
    return {run.variant_id: Trouble(run.reason, run.not_before, counts.get(run.variant_id, 0)) for run in newest}
