"""Queries whose text Django writes once in a process, and which PostgreSQL plans once in a connection.

For the long queries of claiming and of submit-and-next, to build the query and write its text took more than half of
what the whole request cost Python, and planning them cost PostgreSQL more than running them (bench/README.md). What
differs from one time to the next is a `Given` in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connections, transaction
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg2.extensions import AsIs

M = TypeVar("M", bound=Model)
# One plan for every value, along keys. The tables are often young: one that PostgreSQL takes to be empty as it plans,
# it would read whole in the place of a key, and keep that plan while the table grows.
_PLANNED = "".join(
    f"SET LOCAL {setting}; "
    for setting in (
        "plan_cache_mode = force_generic_plan",
        "enable_seqscan = off",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "enable_material = off",
        "jit = off",
    )
)
_numbers = count(1)


class Given(Expression):
    """A value that is not known before its query is sent; it stands where the value itself would."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[M]):
    """A query of model rows, sent inside a transaction. All threads of a process use it: of what they share nothing
    changes but which connections know the statement, each of which is one thread's."""

    def __init__(self, rows: QuerySet[M]) -> None:
        self._rows = rows
        self._compiler = rows.query.get_compiler(rows.db)
        self.text, self._values = self._compiler.as_sql()
        # It belongs to the thread that came first, and is to end with it.
        self._compiler.connection = None
        self._given: Mapping[str, Given] = {value.name: value for value in self._values if isinstance(value, Given)}
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def filled(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters of the text."""
        values = self._of(given)
        return tuple(values[value.name] if isinstance(value, Given) else value for value in self._values)

    def first(self, given: Mapping[str, Any]) -> M | None:
        """The first row, or None; call inside a transaction."""
        # Django refuses to lock a row outside of one as it writes the text, and so never where that is kept.
        if transaction.get_autocommit(self._rows.db):
            raise transaction.TransactionManagementError("A prepared query is sent inside a transaction.")
        connection = connections[self._rows.db]
        wire, compiler, sent = connection.connection, copy(self._compiler), self._sent(given)
        compiler.connection = connection
        compiler.as_sql = lambda: sent
        rows = self._rows.all()
        rows.query.get_compiler = lambda *_of, **_where: compiler  # type: ignore[method-assign]
        try:
            return next(iter(rows), None)
        except Exception:
            # A migration that changes the type of a column ends a statement for good; the next time makes another.
            self._names.pop(wire, None)
            raise

    def _of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        connection = connections[self._rows.db]
        return {
            name: value.output_field.get_db_prep_value(given[name], connection) for name, value in self._given.items()
        }

    def _sent(self, given: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """What asks a connection that knows the statement, with what makes it known before, where it is not yet."""
        wire = connections[self._rows.db].connection
        name = self._names.get(wire)
        made = ""
        if name is None:
            self._names[wire] = name = f"margin_{next(_numbers)}"
            made = f"PREPARE {name} ({self._types()}) AS {self._numbered()}; ".replace("%", "%%")
        places = ", ".join(["%s"] * len(self._given))
        return f"{_PLANNED}{made}EXECUTE {name} ({places})", tuple(self._of(given).values())

    def _types(self) -> str:
        connection = connections[self._rows.db]
        return ", ".join(value.output_field.db_type(connection) or "" for value in self._given.values())

    def _numbered(self) -> str:
        """The text with its own values in it, and with $1, $2 … where one is given."""
        places = {name: AsIs(f"${number}") for number, name in enumerate(self._given, 1)}
        values = tuple(places[value.name] if isinstance(value, Given) else value for value in self._values)
        with connections[self._rows.db].cursor() as cursor:
            return bytes(cursor.mogrify(self.text, values)).decode()
