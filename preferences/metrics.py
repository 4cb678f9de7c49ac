"""What processes count while they work, for Prometheus to read (docs/operations.md).

What the record tells by itself (how much waits, how old it is, agreement) is not counted here but asked of it when the
metrics are read (webapp/record_metrics.py). Processes that fork share their counts through PROMETHEUS_MULTIPROC_DIR,
which must stand in the environment before this module is imported.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import prometheus_client as prometheus
from django.db import transaction

if TYPE_CHECKING:
    from preferences.models import Event, Response

SHORT = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds: what a person waits for
LONG = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0)  # seconds: what a machine does

REQUESTS = prometheus.Counter(
    "margin_requests",
    "Requests that were answered, by page or operation.",
    ["view", "method", "status"],
)
REQUEST_SECONDS = prometheus.Histogram(
    "margin_request_seconds", "From the request to the start of its answer.", ["view"], buckets=SHORT
)
EVENTS = prometheus.Counter(
    "margin_events", "What was done and is in the record: judgment.recorded, assignment.expired …", ["verb", "campaign"]
)
GENERATION_SECONDS = prometheus.Histogram(
    "margin_generation_seconds", "What an engine took for a response.", ["variant"], buckets=LONG
)
GENERATED_TOKENS = prometheus.Counter(
    "margin_generated_tokens", "Tokens of stored responses and of what they answer.", ["variant", "kind"]
)
TASK_SECONDS = prometheus.Histogram(
    "margin_task_seconds", "Tasks of the workers, by how they ended: success, failure, retry.", ["task", "outcome"],
    buckets=LONG,
)  # fmt: skip
SEAL_SECONDS = prometheus.Histogram("margin_seal_seconds", "Sealings of a batch.", buckets=LONG)
EXPORT_SECONDS = prometheus.Histogram("margin_export_seconds", "Exports that were written.", ["format"], buckets=LONG)


def count_once_committed(told: Iterable[Event]) -> None:
    """Counts events, once the transaction that they tell of is there to stay."""
    counts = Counts((event.verb, event.campaign.slug if event.campaign else "") for event in told)

    def count() -> None:
        for (verb, campaign), number in counts.items():
            EVENTS.labels(verb, campaign).inc(number)

    transaction.on_commit(count)


def count_generated_once_committed(responses: Sequence[Response]) -> None:
    """Counts responses that a model gave, once they are there to stay."""

    def count() -> None:
        for response in responses:
            variant = response.variant.name
            GENERATED_TOKENS.labels(variant, "prompt").inc(response.prompt_tokens or 0)
            GENERATED_TOKENS.labels(variant, "completion").inc(response.completion_tokens or 0)
            if response.latency_ms is not None:
                GENERATION_SECONDS.labels(variant).observe(response.latency_ms / 1000)

    transaction.on_commit(count)
