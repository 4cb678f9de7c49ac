"""What PostgreSQL's planner cannot know of our queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import BigIntegerField, BooleanField, F, Field, Func, Value
from django.db.models.expressions import BaseExpression

_BY_KEY = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "join_collapse_limit": "1",  # in the order in which we write them
    "max_parallel_workers_per_gather": "0",
}
_WHOLE = {"enable_nestloop": "off", "max_parallel_workers_per_gather": "0"}
# What the queries read by key: each must be known to be large.
_TABLES = ["comparison", "dialogue", "judgment", "prompt", "response", "turn"]
_LARGE = 10_000  # rows, of which reading a whole index in the place of one key costs a hundred times as much
_NAMES = ", ".join(f"'preferences_{table}'" for table in _TABLES)
_LEAST = f"min(reltuples) FROM pg_class WHERE oid = ANY(ARRAY[{_NAMES}]::regclass[])"
# What reads most of a campaign: loops over a table for each row of another are left to tables known to be large. One
# that PostgreSQL takes to be empty it would read whole for each row of the next, and all that for each of a third.
# For a transaction, after other settings.
BY_HASH = f"""
    SELECT current_setting('enable_nestloop'), current_setting('enable_hashjoin'),
           set_config('enable_nestloop', 'off', true), set_config('enable_hashjoin', 'on', true)
      FROM (SELECT {_LEAST}) known (rows) WHERE rows < {_LARGE}
"""


def by_one_process() -> None:
    """Until the transaction ends PostgreSQL takes no second core for a query."""
    _set({"max_parallel_workers_per_gather": "0"})


def any_of(path: str, keys: Iterable[Any] | BaseExpression, *, of: type[Field[Any, Any]] = BigIntegerField) -> Func:
    """For a filter: one of these keys, which are one value, or of an expression that is an array of them.

    Django looks at each of many.
    """
    values = keys if isinstance(keys, BaseExpression) else Value(list(keys), output_field=ArrayField(of()))
    return Func(F(path), values, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


@contextmanager
def by_key() -> Iterator[None]:
    """In a transaction: what is asked for by its keys is looked up by them.

    For a thousand keys the planner likes to read an index or a small table whole, by several processes. Once that may
    be quicker; for the next thousand it does so again, on cores that people wait for.

    That is for tables that it knows to be large. One that it takes to be empty, because it looked before the rows came,
    it would as soon read whole for each key: there each table is read once and hashed.
    """
    if not connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_LEAST}")
        wanted = _BY_KEY if cursor.fetchone()[0] >= _LARGE else _WHOLE
        cursor.execute("SELECT " + ", ".join("current_setting(%s)" for _ in wanted), list(wanted))
        before = dict(zip(wanted, cursor.fetchone(), strict=True))
    _set(wanted)
    yield
    _set(before)


@contextmanager
def by_hash() -> Iterator[None]:
    """For what reads most of a campaign's rows, in a transaction: BY_HASH, and after it as before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(BY_HASH)
            before = cursor.fetchone()
        yield
        if before:
            _set({"enable_nestloop": before[0], "enable_hashjoin": before[1]})


def _set(values: dict[str, str]) -> None:
    """Until the transaction ends; after an error nothing is asked in it any more."""
    with connection.cursor() as cursor:
        settings = [part for setting in values.items() for part in setting]
        cursor.execute("SELECT " + ", ".join("set_config(%s, %s, true)" for _ in values), settings)
