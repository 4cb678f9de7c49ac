"""Pages by cursor: what is added meanwhile neither repeats nor hides a row."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import ValidationError as ValueRefused
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer, URLField

LIMIT, MOST = 100, 1000
PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous` of a page."),
    OpenApiParameter("limit", int, description=f"Rows of a page, at most {MOST}."),
]


class Cursor(CursorPagination):
    page_size, page_size_query_param, max_page_size = LIMIT, "limit", MOST


def page(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[Serializer[Any]],
    *,
    order: tuple[str, ...],
    know: Callable[[list[Any]], Any] = lambda found: None,
) -> Response:
    """One page of rows in this order, few of them alike in its first column; `next` is the address of the one after.

    What `know` says of all rows of the page at once the serializer has as `known` in its context.
    """
    limit = request.query_params.get("limit", str(LIMIT))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST and len(limit) < 10):
        raise ValidationError({"limit": [_("Write a whole number from 1 to %(most)d.") % {"most": MOST}]})
    cursor = Cursor()
    cursor.ordering = (*order, "pk")
    try:
        b64decode(request.query_params.get("cursor", ""), validate=True)
        found: list[Model] = cursor.paginate_queryset(rows, request) or []
    except (ValueError, ValueRefused, NotFound):  # the column refuses a position that is no value of its kind
        raise ValidationError({"cursor": [_("This cursor is not whole. Take it from `next` of a page.")]}) from None
    results = serializer(found, many=True, context={"request": request, "known": know(found)}).data
    return Response({"next": cursor.get_next_link(), "previous": cursor.get_previous_link(), "results": results})


def pages_of(row: type[Serializer[Any]]) -> type[Serializer[Any]]:
    """What `page` answers with rows of this kind, for the schema."""
    fields = {
        "next": URLField(allow_null=True),
        "previous": URLField(allow_null=True),
        "results": row(many=True),
        "__qualname__": f"{row.__qualname__}Page",
    }
    return cast("type[Serializer[Any]]", type(f"{row.__name__}Page", (Serializer,), fields))


def example(row: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample("a page", {"next": None, "previous": None, "results": [row]}, response_only=True)
