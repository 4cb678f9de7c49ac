"""Loads of JSON lines: stored in parts as they come; what cannot be used is told with its number, the rest goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiRequest
from rest_framework import serializers
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from webapp.api.reading import Body
from webapp.line_streams import LineStream

NDJSON = "application/x-ndjson"
REQUEST = {NDJSON: OpenApiRequest(OpenApiTypes.STR)}
CHUNK_BYTES = 8 * 1024 * 1024
MOST_REASONS = 1000
MOST_FAILED = 10_000  # lines, after which it is the whole file that is wrong

T = TypeVar("T")


class Loaded(serializers.Serializer[Any]):
    class Failed(serializers.Serializer[Any]):
        line = serializers.IntegerField(help_text="Its number in the body, from 1.")
        reason = serializers.CharField()

    stored = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="Whose id the campaign has already.")
    failed = serializers.IntegerField()
    lines = Failed(many=True, help_text=f"Of the first {MOST_REASONS} that failed, why.")
    stopped_after = serializers.IntegerField(
        allow_null=True,
        help_text=f"Where {MOST_FAILED} failed: the last line that was read. Mend the file and send it again whole. "
        "null: all were read.",
    )


def check_lines(request: Request) -> None:
    """Refuses a body that does not say that it is lines of JSON."""
    if (request.content_type or "").partition(";")[0].strip().lower() != NDJSON:
        raise UnsupportedMediaType(request.content_type or "")


def load(
    body: Body, *, parse: Callable[[bytes], T], store: Callable[[list[T]], Mapping[str, int]], at_once: int
) -> dict[str, Any]:
    """What became of the lines; `store` takes so many at once and says how many of them were stored and skipped.

    After MOST_FAILED the rest is not looked at, so that a file of something else holds nobody up; what was good until
    then is stored.
    """
    told = Counter(stored=0, skipped=0, failed=0)
    reasons: list[dict[str, Any]] = []
    stopped_after: int | None = None

    def fail(number: int, reason: str) -> None:
        nonlocal stopped_after
        told["failed"] += 1
        if told["failed"] == MOST_FAILED:
            stopped_after = number
            body.stop()
        if len(reasons) < MOST_REASONS:
            reasons.append({"line": number, "reason": reason})

    lines = LineStream(body, parse, fail, longest_line=settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
    for chunk in lines.chunks(at_once, of_bytes=CHUNK_BYTES):
        told.update(store(chunk))
    return {
        **dict.fromkeys(("stored", "skipped", "failed"), 0),
        **told,
        "lines": reasons,
        "stopped_after": stopped_after,
    }
