from __future__ import annotations

from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import JSONRenderer


class JSON(JSONRenderer):
    """The API's one form, in UTF-8; moments in UTC end in Z."""

    charset = None
    format = "json"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return encoded(data)


def encoded(data: Any) -> bytes:
    return b"" if data is None else orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> str:
    if isinstance(value, Promise):  # a label, in the language of the request
        return str(value)
    raise TypeError(f"The API does not say {type(value).__name__}.")
