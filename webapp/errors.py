"""Domain errors at the edge: each becomes a page with its sentence and the right status."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from psycopg2.errors import QueryCanceled
from redis.exceptions import RedisError

from preferences.errors import Conflict, DomainError, InvalidInput, NotAllowed
from webapp.environment import STATEMENT_SECONDS

STATUS: dict[type[DomainError], int] = {InvalidInput: 422, Conflict: 409, NotAllowed: 403}
DATABASE_AWAY = (OperationalError, InterfaceError)  # it cannot be reached, was lost in the middle, or broke off


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


class DomainErrorMiddleware:
    """Answers a DomainError that no page handled itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")  # pages hold other people's words and leave no copy behind
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return say(request, str(error), status_of(error))
        if isinstance(error, DATABASE_AWAY):
            return database_away(request, error)
        if isinstance(error, RedisError):  # only what counts attempts waits for it: signing in and its settings
            sentence = _("Attempts to sign in cannot be counted at this moment, so that nobody can sign in. Try again.")
            return say(request, sentence, 503)
        return None


def say(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    response = render(request, "error.html", {"sentence": sentence}, status=status)
    # Whatever part of a page asked, the sentence takes the page's place.
    response["HX-Retarget"] = response["HX-Reselect"] = "#main"
    response["HX-Reswap"] = "outerHTML"
    return response


def say_without_database(sentence: str, status: int) -> HttpResponse:
    """A page that asks for nothing: no session, no user."""
    return HttpResponse(render_to_string("bare.html", {"sentence": sentence}), status=status)


def sentence_without_database(error: BaseException | None) -> str:
    """What became of the request: the database is away, or was at one statement for too long."""
    if isinstance(error and error.__cause__, QueryCanceled):
        return _(
            "The database worked on this for longer than %(seconds)d seconds, so that it was broken off. "
            "Nothing new was stored; ask for less, or try again later."
        ) % {"seconds": STATEMENT_SECONDS}
    return _("The database cannot be reached at this moment. Nothing new was stored; try again.")


def database_away(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    sentence = sentence_without_database(error)
    if _is_program(request):
        return _to_program("unavailable", sentence, 503)
    return say_without_database(sentence, 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = _("The server could not read this request. It may be too large, or damaged on its way.")
    return _to_program("bad_request", sentence, 400) if _is_program(request) else say(request, sentence, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return _to_program("not_allowed", _("You may not do this."), 403)
    return say(request, _("You may not open this page."), 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return say(
        request, _("This form was open for too long or comes from elsewhere. Load the page again and resend."), 403
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return _to_program("not_found", _("There is no such operation; /api/v1/schema/ lists them."), 404)
    return say(request, _("There is nothing at this address."), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the error is handled; one that a middleware raised comes by no other way."""
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_AWAY):
        return database_away(request, error)
    sentence = _("Something broke on our side, and it was noted. What you had submitted before is stored.")
    if _is_program(request):
        return _to_program("server_error", sentence, 500)
    return say_without_database(sentence, 500)


def error_body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The one shape of the API's errors."""
    return {"code": code, "message": message, "fields": fields or {}}


def _is_program(request: HttpRequest) -> bool:
    """Below /api/ whatever answers does so in JSON."""
    return request.path.startswith("/api/")


def _to_program(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse(error_body(code, message), status=status)
