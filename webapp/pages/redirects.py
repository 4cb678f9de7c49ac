"""Redirects that htmx meets: the browser goes there itself, so that address, title and focus are the new page's."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from webapp.pages.requests import is_htmx


class RedirectMiddleware:
    """Stands below HtmxMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_htmx(request) or "Location" not in response:
            return response
        address = response["Location"]
        del response["Location"]
        sign_in = resolve_url(settings.LOGIN_URL)
        if address.split("?")[0] == sign_in:
            # Nothing was stored: the page keeps what it has (keep.js) and comes back after signing in.
            here = request.htmx.current_url_abs_path or request.get_full_path()  # type: ignore[attr-defined]
            address, response.status_code = f"{sign_in}?{urlencode({'next': here})}", 401
        else:
            response.status_code = 204
        response["HX-Redirect"] = address
        return response
