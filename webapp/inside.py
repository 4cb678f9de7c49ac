"""What is for Prometheus and orchestrators, who come directly and not through the proxy."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def is_from_outside(request: HttpRequest) -> bool:
    """The proxy says so of whatever it passes on (BEHIND_PROXY), and nobody outside can take that away."""
    return bool(settings.ALLAUTH_TRUSTED_PROXY_COUNT) and "X-Forwarded-For" in request.headers
