from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

APPS = ("preferences", "annotation", "workers", "exports")


@contextmanager
def refused(what: str) -> Iterator[None]:
    """PostgreSQL itself refuses the block, naming `what`; deferred constraints are checked at its end."""
    with pytest.raises(DatabaseError, match=what), transaction.atomic():
        yield
        check_deferred()


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


TIME = ("Assignment", "WorkSession")  # the tables that have the time of work


def everything(*, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Every row of every table of ours, to see that nothing at all was stored."""
    rows = " UNION ALL ".join(
        f"SELECT '{model.__name__}', stored::text FROM {model._meta.db_table} AS stored"
        for model in our_models()
        if model.__name__ not in without
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{rows} ORDER BY 1, 2")
        return cursor.fetchall()
