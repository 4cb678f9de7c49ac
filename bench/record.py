"""Rows of several tables, collected with numbers of their own and copied together."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from bench.copying import copy, highest, number_on
from bench.seeding import pass_by_triggers
from preferences.models import Comparison, Dialogue, Judgment, Prompt, Response, Slot, Turn

# In the order in which the database wants them.
TABLES: tuple[type[Model], ...] = (Prompt, Dialogue, Turn, Response, Comparison, Slot, Judgment)


class Record:
    """Every row of a table has the same columns, in the order of the first one that was added."""

    def __init__(self) -> None:
        self._next = {model: highest(model) + 1 for model in TABLES}
        self._names: dict[type[Model], tuple[str, ...]] = {}
        self._rows: dict[type[Model], list[tuple[Any, ...]]] = {model: [] for model in TABLES}

    def add(self, model: type[Model], **columns: Any) -> int:
        """The number of the new row, by which others may name it."""
        number = self._next[model]
        self._next[model] += 1
        names = self._names.setdefault(model, tuple(columns))
        self._rows[model].append((number, *(columns[name] for name in names)))
        return number

    def write(self, *, checked: bool = True) -> None:
        """All in one transaction; not `checked` where keys and triggers may be passed by, which is faster."""
        with transaction.atomic():
            if not checked:
                pass_by_triggers()
            for model in TABLES:
                copy(model, ("id", *self._names.get(model, ())), self._rows[model])
        for model in TABLES:
            number_on(model)
            self._rows[model].clear()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
