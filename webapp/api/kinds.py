"""JSON has kinds: 7 is no text and "7" no number, though a form's fields would make one of the other."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DictField,
    FloatField,
    IntegerField,
    ListField,
    ListSerializer,
    Serializer,
)


def wrong(field: Any, value: Any) -> Any:
    """What is not of its field's kind, in the shape of ValidationError's detail; nothing where all is."""
    if value is None:
        return None
    if isinstance(field, Serializer) and isinstance(value, dict):
        return _kept({name: wrong(one, value.get(name)) for name, one in field.fields.items()})
    if isinstance(field, DictField) and isinstance(value, dict):
        return _kept({name: wrong(field.child, one) for name, one in value.items()})
    if isinstance(field, (ListField, ListSerializer)) and isinstance(value, list):
        found = [wrong(field.child, one) or {} for one in value]
        return found if any(found) else None
    return _sentence(field, value)


def _sentence(field: Any, value: Any) -> list[str] | None:
    if isinstance(field, CharField) and not isinstance(value, str):
        return [_("Write a text.")]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(field, IntegerField | FloatField) and not is_number:
        return [_("Write a number.")]
    if isinstance(field, BooleanField) and not isinstance(value, bool):
        return [_("Write true or false.")]
    return None


def _kept(found: dict[Any, Any]) -> dict[Any, Any]:
    return {name: one for name, one in found.items() if one}
