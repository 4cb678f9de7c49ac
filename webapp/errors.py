"""Domain errors at the edge: each becomes a page with its sentence and the right status."""

from __future__ import annotations

from collections.abc import Callable

from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from preferences.errors import Conflict, DomainError, InvalidInput, NotAllowed

STATUS: dict[type[DomainError], int] = {InvalidInput: 422, Conflict: 409, NotAllowed: 403}


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


class DomainErrorMiddleware:
    """Answers a DomainError that no page handled itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return say(request, str(error), status_of(error))
        if isinstance(error, OperationalError):
            return say(
                request, "The database cannot be reached at this moment. Nothing new was stored; try again.", 503
            )
        return None


def say(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "error.html", {"sentence": sentence}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request, "The server could not read this request. It may be too large, or damaged on its way.", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request, "You may not open this page.", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return say(request, "This form was open for too long or comes from elsewhere. Load the page again and resend.", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request, "There is nothing at this address.", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return say(request, "Something broke on our side, and it was noted. What you had submitted before is stored.", 500)
