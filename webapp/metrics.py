"""/metrics, for Prometheus: what the processes of this server counted, and what the record says at this moment.

Nobody reads it without the token in METRICS_TOKEN, and where that is not set there is nothing at the address. A worker
tells its own counts on METRICS_BIND, an address of a network that only Prometheus reaches.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest

from webapp import counts
from webapp.inside import is_from_outside
from webapp.record_metrics import RecordCollector

_record = RecordCollector()


class MetricsMiddleware:
    """Stands before what looks at host names and schemes: Prometheus comes by the address of the machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path != "/metrics" or not settings.METRICS_TOKEN or is_from_outside(request):
            return self.get_response(request)
        given, wanted = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return HttpResponse("A token is wanted.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
        told = generate_latest(counts.of_all_processes()) + generate_latest(_of_record())
        return HttpResponse(told, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def _of_record() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_record)
    return registry
