"""A large record is stored by actions once in each test process; after that its rows are put back by COPY.

PostgreSQL takes them without its triggers, which saw them when they were stored. Sequences never go back, so the keys
of a record that is put back are nobody else's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from preferences.models import Campaign

Rows = dict[str, bytes]  # by table

_kept: dict[Callable[[], Sequence[Campaign]], tuple[list[int], Rows]] = {}


@contextmanager
def of_a_module(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a fixture of a module stores, once for its tests, each of which undoes what it did; then this is undone.

    The fixture needs `django_db_setup`, and its module no test that commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def kept(make: Callable[[], Sequence[Campaign]]) -> list[Campaign]:
    """The campaigns that `make` stores with all that belongs to them, as it stored them the first time.

    What it stores must be the same each time, and nothing else may be stored when it is called first.
    """
    if not _may_skip_triggers():
        return list(make())
    if make not in _kept:
        assert not any(_rows().values()), "a snapshot would keep what is none of its record"
        _kept[make] = ([campaign.pk for campaign in make()], _rows())
    else:
        _put_back(_kept[make][1])
    found = Campaign.objects.in_bulk(_kept[make][0])
    return [found[key] for key in _kept[make][0]]


@cache
def _may_skip_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


@cache
def _tables() -> list[str]:
    """Of all that a test may store; what Django itself stores with the migrations stays as it is."""
    django = {"contenttypes", "auth", "sessions"}
    models = apps.get_models(include_auto_created=True)
    return [model._meta.db_table for model in models if model._meta.managed and model._meta.app_label not in django]


def _rows() -> Rows:
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            copied = io.BytesIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', copied)
            if copied.tell():
                found[table] = copied.getvalue()
    return found


def _put_back(rows: Rows) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, copied in rows.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(copied))
        cursor.execute("SET LOCAL session_replication_role = origin")
