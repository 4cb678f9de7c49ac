"""A database with rows comes forward: what the workplace added is there for what was stored before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from preferences.models import HoldoutGroup, Judgment, Prompt
from preferences.near_duplicates import sketch, sketches
from tests import factories, states

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("preferences", "0002_belonging"), ("annotation", "0002_belonging")]
COLUMNS = """
    SELECT table_name, string_agg(quote_ident(column_name), ', ')
    FROM information_schema.columns AS old JOIN information_schema.columns AS new USING (table_name, column_name)
    WHERE old.table_schema = 'before' AND new.table_schema = 'public' AND old.is_generated = 'NEVER'
      AND table_name <> 'django_migrations'
    GROUP BY table_name
"""


def migrate(targets: list[tuple[str, str]]) -> None:
    with states.quick():
        MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    """A schema beside the test's own for the tables of before; to go back to them step by step takes much longer."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA before")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET search_path TO public")
        cursor.execute("DROP SCHEMA before CASCADE")


def as_of_before() -> None:
    """The tables as they were made then, with this test's rows in the columns that there were."""
    with connection.cursor() as cursor:
        cursor.execute("SET search_path TO before")
        migrate(BEFORE)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(COLUMNS)
        for table, columns in cursor.fetchall():
            cursor.execute(f'INSERT INTO before."{table}" ({columns}) SELECT {columns} FROM public."{table}"')
        cursor.execute("SET session_replication_role = origin")


def test_rows_of_before_have_keys_sketches_and_scores(before: None) -> None:
    campaign = factories.campaign()
    pairs = [factories.judged_comparison(campaign, text=f"Why is the sky blue, part {n}?") for n in range(3)]
    factories.batch(campaign, comparisons=0)
    scores = list(Judgment.objects.order_by("pk").values_list("score", flat=True))

    as_of_before()
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    prompts = list(Prompt.objects.order_by("pk"))
    assert [prompt.text for prompt in prompts] == [pair.turn.prompt.text for pair in pairs]
    assert len({prompt.key for prompt in prompts}) == 3
    assert all(prompt.sketch == sketch(prompt.text) for prompt in prompts)
    assert list(Judgment.objects.order_by("pk").values_list("score", flat=True)) == scores
    groups = {group.family: bytes(group.sketch) for group in HoldoutGroup.objects.all()}
    assert groups == {prompt.family: sketches([prompt.text]).tobytes() for prompt in prompts}
    assert set(HoldoutGroup.objects.values_list("dialogue", flat=True)) == {pair.turn.dialogue_id for pair in pairs}
