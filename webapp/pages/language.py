"""Choose the language of the pages: in this browser, and for a signed-in person on every device."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from webapp.accounts import actions
from webapp.pages.requests import person


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    actions.check_language(language)
    if request.user.is_authenticated:
        actions.choose_language(user=person(request), language=language, by=person(request))
    response = HttpResponseRedirect(_next(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


def _next(request: HttpRequest) -> str:
    """The page that the choice was made on; the first page where the address leads elsewhere."""
    address = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if here else reverse("home")
