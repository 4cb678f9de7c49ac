"""One shape for every error: {"code", "message", "fields"}; also for what no operation answers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from preferences.errors import DomainError
from webapp.errors import DATABASE_AWAY, sentence_without_database, status_of
from webapp.errors import error_body as body


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """What the API says of an error; None for one that nobody expected, which is a 500 and in the log."""
    set_rollback()
    if isinstance(error, DomainError):
        fields = {error.field: [str(error)]} if error.field else {}
        return Response(body(error.code, str(error), fields), status=status_of(error))
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        sentence = " ".join(dict.fromkeys(words for of_one in fields.values() for words in of_one))
        return Response(body("invalid", sentence, fields), status=400)
    if isinstance(error, Http404):
        return Response(body("not_found", _("There is nothing at this address, or it is not for you.")), status=404)
    if isinstance(error, PermissionDenied):
        return Response(body("not_allowed", _("You may not do this.")), status=403)
    if isinstance(error, RequestDataTooBig):
        return Response(body("too_large", _("This is more than any operation reads. Nothing was stored.")), status=413)
    if isinstance(error, UnreadablePostError):
        sentence = _("The body broke off. What came before may be stored already; send it again as a whole.")
        return Response(body("broken_off", sentence), status=400)
    if isinstance(error, DATABASE_AWAY):
        return Response(body("unavailable", sentence_without_database(error)), status=503)
    if isinstance(error, RedisError):
        return Response(body("unavailable", _("The broker cannot be reached at this moment; try again.")), status=503)
    if isinstance(error, exceptions.APIException):
        sentence = str(error.detail).rstrip(".") + "."
        return Response(body(str(error.get_codes()), sentence), status=error.status_code, headers=_headers(error))
    return None


@csrf_exempt  # there is no form here that another site could send
def not_found(request: HttpRequest, **_rest: Any) -> JsonResponse:
    """Addresses below /api/ that are no operation."""
    return JsonResponse(body("not_found", _("There is no such operation; /api/v1/schema/ lists them.")), status=404)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    told = {}
    if header := getattr(error, "auth_header", ""):
        told["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        told["Retry-After"] = str(int(wait) + 1)
    return told


def _fields(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Sentences by field; nested fields as a.b, items of lists as a.0."""
    if isinstance(detail, dict):
        pairs = [(_at(path, str(name)), of_one) for name, of_one in detail.items()]
    elif isinstance(detail, list) and any(isinstance(one, (dict, list)) for one in detail):
        pairs = [(f"{path}.{place}" if path else str(place), of_one) for place, of_one in enumerate(detail) if of_one]
    else:
        return {path or "body": [str(one) for one in (detail if isinstance(detail, list) else [detail])]}
    return {name: sentences for at, of_one in pairs for name, sentences in _fields(of_one, at).items()}


def _at(path: str, name: str) -> str:
    if path and name == api_settings.NON_FIELD_ERRORS_KEY:  # of the whole of what stands at the path
        return path
    return f"{path}.{name}" if path else name
