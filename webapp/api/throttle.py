"""How many requests a person's tokens may send a minute, by the operation's scope, counted in Redis for all processes.

The limits are against loops and greed, not against intruders: without Redis nothing is counted and everything answered,
so that no answer of an annotator is lost for want of a counter.
"""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from webapp.api.authentication import scope_of

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

WINDOW = 60  # seconds; the count begins anew with each minute of the clock
PATIENCE = 0.3  # seconds

logger = logging.getLogger(__name__)


class PerScope(BaseThrottle):
    """Says in each answer how many requests are left, by the draft of the IETF (httpapi-ratelimit-headers)."""

    left_seconds = WINDOW

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope = scope_of(request, view)
        if scope is None or request.auth is None:
            return True
        most, now = settings.API_RATES[scope], int(time.time())
        self.left_seconds = WINDOW - now % WINDOW
        used = _count(f"throttle:{request.user.pk}:{scope}:{now // WINDOW}")
        if used is None:
            return True
        view.headers["RateLimit-Policy"] = f'"{scope}";q={most};w={WINDOW}'
        view.headers["RateLimit"] = f'"{scope}";r={max(0, most - used)};t={self.left_seconds}'
        return used <= most

    def wait(self) -> float:
        return self.left_seconds


def _count(key: str) -> int | None:
    """How many there were with this one; None where nobody can count."""
    try:
        # Held until the answer: of two threads that ask for the first at once, one has the cache forget the other's,
        # which closes its connections once nobody holds it.
        client = _redis(str(settings.CACHES["default"]["LOCATION"]))
        pipe = client.pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, 2 * WINDOW)
        used: int = pipe.execute()[0]
    except (RedisError, OSError) as error:
        logger.warning("Requests of the API cannot be counted, and are let through: %s", error)
        return None
    return used


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
