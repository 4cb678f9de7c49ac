"""What every operation of the API keeps, so that none has to remember it.

Parameters of the address that it does not know are refused; a write takes an Idempotency-Key; a read has an ETag and
answers If-None-Match; a change answers If-Match. Limits, scopes and errors are in the settings of the framework.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Scope
from webapp.api import idempotency
from webapp.api.authentication import person
from webapp.api.idempotency import Answer
from webapp.api.reading import PAGING, Body, LengthRequired
from webapp.api.rendering import encoded

READS = ("GET", "HEAD")
CHANGES = ("PUT", "PATCH", "DELETE")


class Changed(APIException):
    status_code, default_code = 412, "changed"


class Operation(APIView):
    """The operations of one address, one for each method.

    `scopes` says by method which scope it takes. A nested serializer `Query` has the parameters of its GET; one named
    `Page` says that its GET answers in pages.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    scopes: dict[str, Scope]
    # Not where the work commits as it goes and does no harm when it is done twice: see idempotency.once_told.
    in_one_transaction = True
    reads_a_stream = False  # of any length, by `body_of`

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As the framework's, with the handler's call in `_answer`."""
        self.args, self.kwargs = args, kwargs
        self.request = asked = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(asked, *args, **kwargs)
            answered = self._answer(asked)
        except Exception as error:
            answered = self.handle_exception(error)
        self.response = self.finalize_response(asked, cast("Response", answered), *args, **kwargs)
        return self._tagged(asked, self.response)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        name = (request.method or "").lower()
        if name not in self.http_method_names or not hasattr(self, name):
            self.http_method_not_allowed(request)
        _check_parameters(request, self._parameters(request))
        if "Transfer-Encoding" in request.headers and not self.reads_a_stream:
            raise LengthRequired(_("Say in Content-Length how long the body is. Nothing was done."))

    def body_of(self, request: Request) -> Body:
        """The body as a stream, for an operation that `reads_a_stream`."""
        found: Body | None = getattr(self, "_body", None)
        if found is None:
            self._body = found = Body.of(request._request)
        return found

    def _parameters(self, request: Request) -> set[str]:
        if request.method not in READS:
            return set()
        query = getattr(self, "Query", None)
        return set(query().fields if query else ()) | (PAGING if hasattr(self, "Page") else set())

    def _answer(self, request: Request) -> HttpResponseBase:
        found = getattr(self, (request.method or "").lower())
        handle: Callable[[], Response] = partial(found, request, *self.args, **self.kwargs)
        if request.method in READS:
            return handle()
        if "If-Match" in request.headers and request.method in CHANGES:
            handle = partial(self._if_unchanged, request, handle)
        key = idempotency.key_of(request._request)
        return handle() if key is None else self._once(request, key, handle)

    def _once(self, request: Request, key: str, handle: Callable[[], Response]) -> HttpResponse:
        def act() -> Answer:
            made = handle()
            return Answer(made.status_code, encoded(made.data))

        who = person(request)
        if self.in_one_transaction:
            same = idempotency.fingerprint_of(request._request)
            answer = idempotency.once(by=who, key=key, fingerprint=same, act=act)
        else:
            answer = idempotency.once_told(by=who, key=key, fingerprint=partial(self._fingerprint, request), act=act)
        response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
        if not answer.body:
            del response["Content-Type"]
        if answer.is_replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def _fingerprint(self, request: Request) -> str:
        if self.reads_a_stream:
            return idempotency.fingerprint(request._request, self.body_of(request).sha256_of_all())
        return idempotency.fingerprint_of(request._request)

    @transaction.atomic
    def _if_unchanged(self, request: Request, handle: Callable[[], Response]) -> Response:
        """One at a time for an address: of two changes to the same state, the second is told of the first."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"If-Match {request.path}"])
        read, sent = getattr(self, "get", None), parse_etags(request.headers["If-Match"])
        now = etag_of(encoded(read(request, *self.args, **self.kwargs).data)) if read else ""
        if sent != ["*"] and now not in sent:
            raise Changed(_("It was changed since you read it. Nothing was stored; read it again."))
        return handle()

    def _tagged(self, request: Request, response: HttpResponseBase) -> HttpResponseBase:
        if request.method not in (*READS, "PUT", "PATCH") or response.status_code != 200:
            return response
        if not isinstance(response, (Response, HttpResponse)) or response.has_header("ETag"):
            return response
        if isinstance(response, Response):
            response.render()
        etag = response["ETag"] = etag_of(response.content)
        if request.method in READS and "If-None-Match" in request.headers:
            return cast("HttpResponseBase", get_conditional_response(request._request, etag=etag, response=response))
        return response


def etag_of(content: bytes) -> str:
    """A strong one: the same where every byte is."""
    return quote_etag(hashlib.sha256(content).hexdigest()[:32])


def _check_parameters(request: Request, known: set[str]) -> None:
    if unknown := sorted(set(request.query_params) - known):
        raise ValidationError({name: [_("There is no parameter of this name here.")] for name in unknown})
