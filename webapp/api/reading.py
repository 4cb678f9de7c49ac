"""What a client sends, read by the operation's own serializer; what it does not know is refused, not ignored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from gunicorn.http.errors import ParseException
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from webapp.api import kinds
from webapp.line_streams import Lines

if TYPE_CHECKING:
    from django.http import HttpRequest

PAGING = frozenset({"cursor", "limit"})
LARGEST_STREAM = 256 * 1024 * 1024  # bytes
AT_ONCE = 64 * 1024
SHORTEST_LINE = 64  # bytes, as which a line counts at least: empty ones take time too


class LengthRequired(APIException):
    status_code, default_code = 411, "length_required"


class StreamTooLarge(APIException):
    status_code, default_code = 413, "too_large"


class Stream(Lines, Protocol):
    def read(self, size: int, /) -> bytes: ...


class Body:
    """A body of many lines, read as it comes, with the hash of all that was read."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._read, self._sha256, self._is_stopped = stream, 0, hashlib.sha256(), False

    @classmethod
    def of(cls, request: HttpRequest) -> Body:
        """Of a request that says how long it is, or whose server knows where it ends."""
        if "Transfer-Encoding" not in request.headers:
            return cls(request)
        if not request.META.get("wsgi.input_terminated"):
            raise LengthRequired(_("Say in Content-Length how long the body is. Nothing was done."))
        return cls(request.META["wsgi.input"])

    def readline(self, limit: int, /) -> bytes:
        return b"" if self._is_stopped else self._taken(self._stream.readline, limit, SHORTEST_LINE)

    def stop(self) -> None:
        """No line follows."""
        self._is_stopped = True

    def sha256_of_all(self) -> str:
        while self._taken(self._stream.read, AT_ONCE, 0):
            pass
        return self._sha256.hexdigest()

    def _taken(self, read: Callable[[int], bytes], limit: int, least: int) -> bytes:
        try:
            taken = read(limit)
        except (OSError, ParseException) as error:  # it broke off; a chunk is none
            raise UnreadablePostError(*error.args) from error
        self._read += max(len(taken), least)
        if self._read > LARGEST_STREAM:
            raise StreamTooLarge(
                _("This is more than %(most)d bytes: send it in parts. What came before may be stored already.")
                % {"most": LARGEST_STREAM}
            )
        self._sha256.update(taken)
        return taken


DEEPEST = 20  # levels; what quotes a value in a refusal would go down all of them


class StrictJSON(JSONParser):
    """JSON in UTF-8, whatever charset is named; what is nested too deep or holds half a character is none."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            found = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(_("What was sent is not JSON in UTF-8: %(reason)s.") % {"reason": error}) from None
        if _is_deeper(found, DEEPEST):
            raise ParseError(_("What was sent is nested deeper than anything that is read here. Nothing was stored."))
        return found


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inside)


def body(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The request's body; ValidationError with every field that is wrong or unknown."""
    if not isinstance(request.data, dict):
        raise ValidationError({"body": [_("Send one JSON object.")]})
    # A body of no bytes that calls itself a form would be read as one, where what is missing is a box left unticked.
    reading = serializer(data={**request.data})
    if wrong := kinds.wrong(reading, request.data):
        raise ValidationError(wrong)
    return _checked(reading, known=frozenset())


def query(request: Request, serializer: type[Serializer[Any]], *, paged: bool = False) -> dict[str, Any]:
    """The parameters of the address, those of paging aside."""
    return _checked(serializer(data=request.query_params.dict()), known=PAGING if paged else frozenset())


def _checked(reading: Serializer[Any], *, known: frozenset[str]) -> dict[str, Any]:
    names = set(reading.fields) | known
    unknown = {name: [_("There is no field of this name here.")] for name in reading.initial_data if name not in names}
    if not reading.is_valid() or unknown:
        raise ValidationError({**reading.errors, **unknown})
    return dict(reading.validated_data)
