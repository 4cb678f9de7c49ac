"""Rows into PostgreSQL by COPY: past Python's models, not past the database's constraints and triggers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Max, Model
from django.utils import timezone

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any) -> None:
    """Writes `rows`, whose values are those of the columns `names`; every row has `same`.

    A column that nobody gives has its field's default, so that a new one need not be told here.
    """
    fields = {field.column: field for field in model._meta.concrete_fields if not field.generated}
    given = [fields[name] for name in names]
    rest = {column: field for column, field in fields.items() if column not in names and not field.primary_key}
    end = "".join("\t" + _written(field, _default(field, same)) for field in rest.values()) + "\n"
    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join(map(_written, given, row)) + end)
    lines.seek(0)
    columns = ", ".join(f'"{column}"' for column in [*names, *rest])
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN', lines)


def highest(model: type[Model]) -> int:
    """The highest number a row has."""
    return model._default_manager.aggregate(most=Max("pk"))["most"] or 0


def number_on(model: type[Model]) -> None:
    """Makes the next row of the application follow after those copied with numbers of their own."""
    with connection.cursor() as cursor:
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [max(1, highest(model))])


def _default(field: Field[Any, Any], same: Mapping[str, Any]) -> Any:
    if field.attname in same:
        return same[field.attname]
    if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
        return timezone.now()
    return field.get_default()


def _written(field: Field[Any, Any], value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(field, JSONField):
        value = json.dumps(value)
    elif isinstance(field, ArrayField):
        value = "{" + ",".join(map(str, value)) + "}"
    elif isinstance(value, datetime):
        return value.isoformat()
    return str(value).translate(_ESCAPES) if isinstance(value, str) else str(value)
