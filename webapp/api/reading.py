"""What a client sends, read by the operation's own serializer; what it does not know is refused, not ignored."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer

PAGING = frozenset({"cursor", "limit"})


class StrictJSON(JSONParser):
    """JSON in UTF-8, whatever charset is named; what is nested too deep or holds half a character is none."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(_("What was sent is not JSON in UTF-8: %(reason)s.") % {"reason": error}) from None


def body(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The request's body; ValidationError with every field that is wrong or unknown."""
    if not isinstance(request.data, dict):
        raise ValidationError({"body": [_("Send one JSON object.")]})
    return _checked(request.data, serializer, known=frozenset())


def query(request: Request, serializer: type[Serializer[Any]], *, paged: bool = False) -> dict[str, Any]:
    """The parameters of the address, those of paging aside."""
    return _checked(request.query_params.dict(), serializer, known=PAGING if paged else frozenset())


def _checked(sent: dict[str, Any], serializer: type[Serializer[Any]], *, known: frozenset[str]) -> dict[str, Any]:
    names = set(serializer().fields)
    unknown = {name: [_("There is no field of this name here.")] for name in sent if name not in names | known}
    reading = serializer(data={name: value for name, value in sent.items() if name in names})
    if not reading.is_valid() or unknown:
        raise ValidationError({**reading.errors, **unknown})
    return dict(reading.validated_data)
