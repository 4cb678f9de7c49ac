"""What a message holds: names, counts, hashes, and where the rest is. Never a text that a person or a model wrote."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.urls import reverse

from exports.models import Export
from exports.webhooks.models import Kind, Message, Webhook
from preferences.choices import Split
from preferences.models import Batch, Event

ADDRESSES = ("url", "api_url", "manifest_url")


def of_batch(batch: Batch) -> dict[str, Any]:
    """`comparisons` of `split`, which says how many are trained on and how many held out."""
    test = batch.items.filter(group__split=Split.TEST).count()
    comparisons = batch.items.count()
    return {
        "id": str(batch.pk),
        "name": batch.name,
        "version": batch.version,
        "week": batch.week,
        "sha256": batch.sha256,
        "comparisons": comparisons,
        "split": {str(Split.TRAIN): comparisons - test, str(Split.TEST): test},
        "sealed_at": batch.sealed_at.isoformat(),
        "url": reverse("batch", args=[batch.pk]),
        "api_url": reverse("api_batch", args=[batch.pk]),
    }


def of_erasure(batch: Batch, about: dict[str, Any]) -> dict[str, Any]:
    """`about` is what the event of the new version says: how many rows went or changed. `batch` is the new one."""
    return {"supersedes": {"version": batch.version - 1}, "removed": about["removed"], "changed": about["changed"]}


def of_export(export: Export, kind: Kind, about: dict[str, Any]) -> dict[str, Any]:
    """`about` is what its event says: rows and the manifest's hash as they were when it was written."""
    told = {
        "id": str(export.pk),
        "format": export.format,
        "margin": export.margin,
        "mix": export.mix or None,
        "api_url": reverse("api_export", args=[export.pk]),
    }
    if kind is Kind.EXPORT_READY:
        manifest = reverse("api_export_file", args=[export.pk, "manifest.json"])
        told |= {"rows": about["rows"], "manifest_sha256": about["manifest"], "manifest_url": manifest}
    return told


def subject_of(event: Event) -> uuid.UUID:
    return uuid.UUID(event.subject.partition(":")[2])


def body(message: Message, webhook: Webhook) -> bytes:
    """The same bytes whenever it is asked for: what was sent once is what is sent again.

    Of a message that was read from PostgreSQL, whose jsonb has an order of its own.
    """
    said = {
        "type": message.kind,
        "timestamp": message.event.at.isoformat(),
        "data": _with_site(message.data, webhook.site),
    }
    return orjson.dumps(said)


def _with_site(data: dict[str, Any], site: str) -> dict[str, Any]:
    return {name: _value(name, value, site) for name, value in data.items()}


def _value(name: str, value: Any, site: str) -> Any:
    if isinstance(value, dict):
        return _with_site(value, site)
    return site + value if name in ADDRESSES else value
