"""The language of a page: the signed-in person's choice, else the browser's cookie, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Puts a person's own choice above what LocaleMiddleware found; stands below AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if language := _chosen(request):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response


def _chosen(request: HttpRequest) -> str:
    """The person's language, where they chose one that is still offered."""
    try:
        language: str = getattr(request.user, "language", "")
    except (OperationalError, InterfaceError):  # the page meets the lost database itself and answers with its sentence
        return ""
    return language if language in dict(settings.LANGUAGES) else ""
