"""What surrounds every request: where it comes from, the line that the log has of it, and that it is counted."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

from preferences import metrics, origin

HEADER = "X-Request-ID"
NOT_TOLD = ("/health/", "/metrics", "/static/")  # asked for every few seconds, or by every page
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = logging.getLogger("webapp.requests")


class RequestMiddleware:
    """Stands first, so that all that is logged on the way of a request tells which one it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        door = "api" if request.path.startswith("/api/") else "web"
        began = time.perf_counter()
        known = {"address": client(request), "through": session(request)}
        with origin.coming(request_id=request.headers.get(HEADER, ""), door=door, **known) as here:
            response = self.get_response(request)
            response[HEADER] = here.request_id
            if not request.path.startswith(NOT_TOLD):
                _tell(request, response, time.perf_counter() - began, here)
        return response


def client(request: HttpRequest) -> str:
    """The address of whoever asks; behind a proxy, the one that the proxy saw."""
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        seen = request.headers.get("X-Forwarded-For", seen).rsplit(",", 1)[-1].strip()
    try:
        return str(ip_address(seen))
    except ValueError:
        return ""


def session(request: HttpRequest) -> str:
    """A digest of the session's key, by which events of one session are known, and by which nobody signs in."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return f"session:{hashlib.sha256(key.encode()).hexdigest()[:16]}" if key else ""


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float, here: origin.Origin) -> None:
    """The path stands there without its query, which may hold what somebody searched for."""
    match = request.resolver_match
    view = (match.view_name if match else "") or "none"
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(view, method, str(response.status_code)).inc()
    metrics.REQUEST_SECONDS.labels(view).observe(seconds)
    found = {
        "method": request.method,
        "view": view,
        "status": response.status_code,
        "milliseconds": round(1000 * seconds),
        "address": here.address,
    }
    path = escape_uri_path(request.path)  # an end of line in it would begin a line of the log
    log.info("%s %s %d %d ms", request.method, path, response.status_code, found["milliseconds"], extra=found)
