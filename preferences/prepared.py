"""Statements whose text Django writes once in a process, and queries that PostgreSQL plans once in a connection.

For what claiming and submit-and-next ask, to build the queries and write their text took more than half of what the
whole request cost Python, and planning the long ones cost PostgreSQL more than running them (bench/README.md). What
differs from one time to the next is a `Given` in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connections, transaction
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from psycopg2.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg2.extensions import AsIs

M = TypeVar("M", bound=Model)
# The plan of a kept statement is made along keys. The tables are often young: one that PostgreSQL takes to be empty as
# it plans, it would read whole in the place of a key, and keep that plan while the table grows. It plans anew by itself
# after a table was analyzed, so that this holds for each time that the statement is sent, and for nothing else.
_KEYS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material", "jit")
_ALONG_KEYS = "SET LOCAL plan_cache_mode = force_generic_plan; " + "".join(f"SET LOCAL {one} = off; " for one in _KEYS)
_AS_BEFORE = "".join(f"SET LOCAL {one} TO DEFAULT; " for one in ("plan_cache_mode", *_KEYS))
# A migration that changes the type of a column ends a statement for good, as does what closes all of a connection.
_ENDED = (FeatureNotSupported, InvalidSqlStatementName)
_numbers = count(1)


class Given(Expression):
    """A value that is not known before its query is sent; it stands where the value itself would."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        placeholder = getattr(self.output_field, "get_placeholder", None)  # as Django's Value asks
        return (placeholder(None, compiler, connection) if placeholder else "%s"), [self]


class _Text:
    """A statement as Django writes it. All threads of a process use it: nothing of it changes but which connections
    know it, each of which is one thread's."""

    def __init__(self, compiler: SQLCompiler, using: str) -> None:
        self._using = using
        self.text, values = compiler.as_sql()
        self._values: tuple[Any, ...] = tuple(values)
        # It belongs to the thread that came first, and is to end with it.
        compiler.connection = None  # type: ignore[assignment]
        self._given: Mapping[str, Given] = {value.name: value for value in self._values if isinstance(value, Given)}

    def filled(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters of the text."""
        values = self._of(given)
        return tuple(values[value.name] if isinstance(value, Given) else value for value in self._values)

    def _of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        connection = connections[self._using]
        return {
            name: value.output_field.get_db_prep_save(_plain(given[name], value.output_field), connection)
            for name, value in self._given.items()
        }


class Kept(_Text, Generic[M]):
    """A query of model rows, planned by PostgreSQL for the values that are given."""

    def __init__(self, rows: QuerySet[M]) -> None:
        self._rows, self._compiler = rows, rows.query.get_compiler(rows.db)
        super().__init__(self._compiler, rows.db)
        self._locks = "FOR UPDATE" in self.text or "FOR NO KEY UPDATE" in self.text  # or a query inside it does

    def first(self, given: Mapping[str, Any]) -> M | None:
        """The first row, or None; call inside a transaction where it locks the row."""
        # Django refuses to lock a row outside of one as it writes the text, and so never where that is kept.
        if self._locks:
            _check_in_transaction(self._using)
        return self._sent(self.text, self.filled(given))

    def _sent(self, text: str, values: tuple[Any, ...]) -> M | None:
        compiler = copy(self._compiler)
        compiler.connection = connections[self._using]
        compiler.as_sql = lambda: (text, values)
        rows = self._rows.all()
        rows.query.get_compiler = lambda *_of, **_where: compiler  # type: ignore[method-assign]
        return next(iter(rows), None)


class KeptUpdate(_Text):
    """An update of a model's rows; a value of `changes` may be a `Given`, or an expression that has one."""

    def __init__(self, rows: QuerySet[Any], /, **changes: Any) -> None:
        if rows.query.is_sliced:
            raise TypeError("An update changes all of its rows: no slice of them.")
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        super().__init__(query.get_compiler(rows.db), rows.db)

    def run(self, given: Mapping[str, Any]) -> int:
        """How many rows were changed."""
        with transaction.mark_for_rollback_on_error(self._using), connections[self._using].cursor() as cursor:
            cursor.execute(self.text, self.filled(given))
            changed: int = cursor.rowcount
        return changed


class Prepared(Kept[M]):
    """A query of model rows that is sent inside a transaction, and of which a connection keeps one plan for whatever
    values."""

    def __init__(self, rows: QuerySet[M]) -> None:
        super().__init__(rows)
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def first(self, given: Mapping[str, Any]) -> M | None:
        """The first row, or None; call inside a transaction."""
        _check_in_transaction(self._using)
        wire = connections[self._using].connection
        if name := self._names.get(wire):
            try:
                found = self._sent(*self._asked(name, given))
            except DatabaseError as error:
                if isinstance(error.__cause__, _ENDED):
                    del self._names[wire]
                raise
        else:
            name = f"margin_{next(_numbers)}"
            found = self._sent(*self._made(name, given))
            self._names[wire] = name
        with connections[self._using].wrap_database_errors, wire.cursor() as cursor:
            cursor.execute(_AS_BEFORE)
        return found

    def _asked(self, name: str, given: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """Asks a connection that knows the statement."""
        executed = f"EXECUTE {name} ({', '.join(['%s'] * len(self._given))})"
        return f"{_ALONG_KEYS}{executed}", tuple(self._of(given).values())

    def _made(self, name: str, given: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """Makes the statement known to a connection, then asks."""
        asked, values = self._asked(name, given)
        made = f"PREPARE {name} ({self._types()}) AS {self._numbered()}; ".replace("%", "%%")
        return f"{made}{asked}", values

    def _types(self) -> str:
        connection = connections[self._using]
        return ", ".join(value.output_field.db_type(connection) or "" for value in self._given.values())

    def _numbered(self) -> str:
        """The text with its own values in it, and with $1, $2 … where one is given."""
        places = {name: AsIs(f"${number}") for number, name in enumerate(self._given, 1)}
        values = tuple(places[value.name] if isinstance(value, Given) else value for value in self._values)
        with connections[self._using].cursor() as cursor:
            return bytes(cursor.mogrify(self.text, values)).decode()


def _plain(value: Any, field: Field[Any, Any]) -> Any:
    if hasattr(value, "resolve_expression"):  # some fields would store its name
        raise TypeError(f"{field} is given a value, and no expression: {value!r}.")
    return value.prepare_database_save(field) if isinstance(value, Model) else value


def _check_in_transaction(using: str) -> None:
    if transaction.get_autocommit(using):
        raise transaction.TransactionManagementError("This query is sent inside a transaction.")
