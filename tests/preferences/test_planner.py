"""What the planner is told holds for the queries that it is told for."""

from __future__ import annotations

import pytest
from django.db import connection

from preferences.models import Campaign
from preferences.planner import any_of, by_key, by_one_process
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = (
    "enable_hashjoin",
    "enable_seqscan",
    "enable_nestloop",
    "join_collapse_limit",
    "max_parallel_workers_per_gather",
)


def settings() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in NAMES))
        return list(cursor.fetchone())


def say_rows(count: int) -> None:
    """What PostgreSQL takes to be in each table of the record, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = %s WHERE relname LIKE 'preferences_%%' AND relkind = 'r'", [count]
        )


def test_a_table_that_is_not_known_to_be_large_is_read_once_and_hashed() -> None:
    say_rows(100_000)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relname = 'preferences_response'")  # never looked at
    before = settings()
    with by_key():
        assert settings() == ["on", "on", "off", before[3], "0"]
    assert settings() == before


def test_what_is_asked_by_key_is_looked_up_and_what_comes_after_is_planned_as_before() -> None:
    say_rows(100_000)
    by_one_process()
    before = settings()
    assert before[-1] == "0"
    with by_key():
        assert settings() == ["off", "off", "on", "1", "0"]
    assert settings() == before


def test_any_of_many_numbers_is_one_of_them() -> None:
    made = [factories.campaign() for _ in range(3)]
    wanted = [made[2].pk, made[0].pk]
    assert set(Campaign.objects.filter(any_of("pk", wanted)).values_list("pk", flat=True)) == set(wanted)
    assert not Campaign.objects.filter(any_of("pk", [])).exists()
