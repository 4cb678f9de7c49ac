"""What the planner is told holds for the queries that it is told for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from annotation.ledger import Grouping, ledger
from annotation.quality.rows import read
from annotation.quality.windows import recent
from preferences.agreement import agreement_of
from preferences.counting import PLAN, Scope
from preferences.models import Campaign
from preferences.planner import any_of, by_hash, by_key, by_one_process
from preferences.planning import measured_seconds
from preferences.ranking import ranking
from tests import factories
from tests.annotation.quality.at_work import campaign_of, careful

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


def test_what_reads_most_of_a_campaign_loops_over_no_table_that_may_be_empty() -> None:
    say_rows(100_000)
    before = settings()
    with by_hash():
        assert settings() == before
    say_rows(0)
    with by_hash():
        assert settings() == ["on", "on", "off", *before[3:]]
    assert settings() == before
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)  # merges, but where a merge would be a loop
        assert settings()[:3] == ["on", "on", "off"]
        say_rows(100_000)
        cursor.execute(PLAN)
        assert settings()[0] == "off"


def test_no_read_of_a_campaign_is_a_loop_within_a_loop_where_its_tables_look_empty() -> None:
    campaign, _people, _pairs = campaign_of(careful, careful, pairs=3)
    factories.batch(campaign)
    say_rows(0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET relpages = 5 WHERE relname LIKE 'preferences_%%' AND relkind = 'r'", [])
    loops: dict[str, str] = {}

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT") and "JOIN" in sql and "EXPLAIN" not in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plan = "\n".join(line for (line,) in cursor.fetchall())
            if plan.count("Nested Loop") > 1:
                loops[sql] = plan
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        read(campaign, recent())
        ranking([campaign])
        ledger(campaign, Grouping.WEEK)
        agreement_of(Scope((campaign,)))
        measured_seconds(campaign)
    assert loops == {}


def test_any_of_many_numbers_is_one_of_them() -> None:
    made = [factories.campaign() for _ in range(3)]
    wanted = [made[2].pk, made[0].pk]
    assert set(Campaign.objects.filter(any_of("pk", wanted)).values_list("pk", flat=True)) == set(wanted)
    assert not Campaign.objects.filter(any_of("pk", [])).exists()
