"""Queries whose text Django writes once in a process; each time they are sent, only their values are filled in.

For the two long queries of submit-and-next, to build the query and write its text took more than half of what the whole
request cost Python (bench/README.md). What differs from one time to the next is a `Given` in them.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Generic, TypeVar

from django.db import connections, transaction
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)


class Given(Expression):
    """A value that is not known before its query is sent; it stands where the value itself would."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[M]):
    """A query of model rows, sent inside a transaction. All threads of a process use it: nothing in it changes."""

    def __init__(self, rows: QuerySet[M]) -> None:
        self._rows = rows
        self._compiler = rows.query.get_compiler(rows.db)
        self.text, self._values = self._compiler.as_sql()
        # It belongs to the thread that came first, and is to end with it.
        self._compiler.connection = None

    def filled(self, given: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters of the text."""
        connection = connections[self._rows.db]
        return tuple(
            value.output_field.get_db_prep_value(given[value.name], connection) if isinstance(value, Given) else value
            for value in self._values
        )

    def first(self, given: dict[str, Any]) -> M | None:
        """The first row, or None; call inside a transaction."""
        # Django refuses to lock a row outside of one as it writes the text, and so never where that is kept.
        if transaction.get_autocommit(self._rows.db):
            raise transaction.TransactionManagementError("A prepared query is sent inside a transaction.")
        compiler, written = copy(self._compiler), (self.text, self.filled(given))
        compiler.connection = connections[self._rows.db]
        compiler.as_sql = lambda: written
        rows = self._rows.all()
        rows.query.get_compiler = lambda *_of, **_where: compiler  # type: ignore[method-assign]
        return next(iter(rows), None)
