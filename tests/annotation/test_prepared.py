"""A query that is kept asks what the query built anew asks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import NotSupportedError, connection, transaction
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation import claimants, leases, ordering, queue
from annotation.claimants import Claimant
from annotation.leases import first_of, prepared_lock, prepared_look, rows_to_lock
from annotation.models import Assignment
from annotation.ordering import Look, Part
from preferences.models import Campaign
from preferences.prepared import Prepared
from tests.annotation.helpers import new_annotator, new_comparison, open_campaign
from webapp.accounts.models import User

NOTHING: dict[str, Any] = {"opted_out": [], "pools": [], "had_as_gold": [], "last_family": "", "last_category": ""}
CLAIMANTS = {
    "whose first pair it is": {},
    "after a prompt of a family": {"last_family": "sky"},
    "after a prompt of a category": {"last_family": "sky", "last_category": "factual"},
    "of two pools": {"pools": [7, 8], "last_category": "factual"},
    "who opted out": {"opted_out": ["self_harm", "violence"]},
    "who had gold": {"had_as_gold": [11], "last_category": "it's 100% new"},
}


def told(text: str, parameters: tuple[Any, ...]) -> tuple[str, list[str]]:
    """Both without what makes no difference: a value that is given stands in parentheses."""
    return text.replace("(%s)", "%s"), [repr(value) for value in parameters]


def check_same(kept: Prepared[Any], values: dict[str, Any], anew: QuerySet[Any]) -> None:
    text, parameters = anew.query.sql_with_params()
    assert told(kept.text, kept.filled(values)) == told(text, parameters)


@pytest.mark.django_db
@pytest.mark.parametrize("claimant", CLAIMANTS.values(), ids=CLAIMANTS.keys())
@pytest.mark.parametrize("raters", [1, 3])
def test_a_look_at_the_queue_asks_what_one_built_anew_asks(claimant: dict[str, Any], raters: int) -> None:
    for person, campaign in ((3, 5), (2**40, 6)):
        facts: dict[str, Any] = {**NOTHING, **claimant}
        found = list(
            ordering.looks(Campaign(pk=campaign, raters_per_item=raters), Claimant(by=User(pk=person), **facts))
        )
        assert len(found) == (2 if raters == 1 else 3) * (len(facts["pools"]) + 1)
        for look, values in found:
            check_same(prepared_look(look), values, first_of(ordering.candidates(look, values), values["by"]))
            filled = prepared_look(look).filled(values)
            assert person in filled and campaign in filled


@pytest.mark.django_db
def test_the_lock_asks_what_one_built_anew_asks() -> None:
    for person in (3, 2**40):
        values = {"key": uuid.uuid4(), "by": person, "now": timezone.now()}
        check_same(prepared_lock(), values, rows_to_lock(values))


@pytest.mark.django_db
def test_what_is_known_of_who_claims_is_asked_as_one_built_anew_asks() -> None:
    for person, campaign, opted_out in ((3, 5, []), (2**40, 6, ["self_harm", "violence"])):
        values = {"by": person, "campaign": campaign, "now": timezone.now(), "opted_out": opted_out}
        check_same(claimants.prepared_person(), values, claimants.person_to_lock(values))
        check_same(leases.prepared_mine(), values, leases.rows_held(values))


def read(row: Model) -> Mapping[str, Any]:
    """All of a row, with the rows that were read with it."""
    related = {name: read(one) for name, one in row._state.fields_cache.items() if isinstance(one, Model)}
    return {name: value for name, value in vars(row).items() if name != "_state"} | related


@pytest.mark.django_db
def test_it_reads_the_same_rows_with_all_that_belongs_to_them() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    with transaction.atomic():
        assignment = leases.lease_next(campaign, Claimant(by=ann, **NOTHING))
    assert assignment is not None
    values = {"key": assignment.key, "by": ann.pk, "now": timezone.now()}

    kept, (anew,) = prepared_lock().first(values), rows_to_lock(values)

    assert kept is not None
    assert read(kept) == read(anew)
    assert kept.comparison.campaign == campaign
    assert prepared_lock().first({**values, "key": uuid.uuid4()}) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", Part)
def test_nothing_is_locked_outside_of_a_transaction(part: Part) -> None:
    campaign = open_campaign(raters_per_item=3)
    new_comparison(campaign)
    ann = new_annotator(campaign)
    looks = ordering.looks(campaign, Claimant(by=ann, **NOTHING))
    (look, values), *_ = [(look, values) for look, values in looks if look.part is part]
    with transaction.atomic():
        prepared_look(look).first(values)

    with pytest.raises(transaction.TransactionManagementError):
        prepared_look(look).first(values)


@pytest.fixture
def held() -> dict[str, Any]:
    """What the lock of a comparison asks for that somebody holds."""
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = queue.claim(campaign=campaign, by=ann)
    assert assignment is not None
    return {"key": assignment.key, "by": ann.pk, "now": timezone.now()}


def statements() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_postgresql_plans_it_once_in_a_connection(held: dict[str, Any]) -> None:
    lock = Prepared(rows_to_lock())
    before = statements()
    for _ in range(8):
        assert lock.first(held)
    (made,) = statements() - before
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = %s", [made])
        assert cursor.fetchone() == (8, 0)


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_and_another_thread_know_it_too(held: dict[str, Any]) -> None:
    def keys() -> list[uuid.UUID]:
        try:
            with transaction.atomic():
                found = prepared_lock().first(held)
            return [found.key] if found else []
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        assert [keys(), keys(), beside.submit(keys).result()] == [[held["key"]]] * 3


@pytest.mark.django_db
def test_after_a_migration_of_its_tables_it_fails_at_most_once(held: dict[str, Any]) -> None:
    lock = Prepared(rows_to_lock())
    assert lock.first(held)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE annotation_assignment ALTER COLUMN active_seconds TYPE real")

    with pytest.raises(NotSupportedError, match="cached plan"), transaction.atomic():
        lock.first(held)

    assert lock.first(held)


def settings() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings ORDER BY name")
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_what_follows_in_the_transaction_is_planned_as_ever(held: dict[str, Any]) -> None:
    before = settings()
    lock = Prepared(Assignment.objects.filter(key=leases.GIVEN["key"]).select_for_update().order_by("pk")[:1])
    for _ in range(2):
        assert lock.first(held)
        assert settings() == before


@pytest.mark.django_db
def test_a_value_that_is_none_spoils_nothing(held: dict[str, Any]) -> None:
    lock = Prepared(rows_to_lock())
    with pytest.raises(ValidationError):
        lock.first({**held, "key": "not one"})
    assert lock.first(held)


@pytest.mark.django_db
@pytest.mark.parametrize("is_analyzed", [False, True], ids=["", "and were analyzed since"])
@pytest.mark.parametrize("part", [Part.FIRST, Part.NOT_BEGUN])
def test_a_plan_from_when_the_tables_were_empty_goes_along_keys(part: Part, is_analyzed: bool) -> None:
    look = Look(part=part, is_of_pool=False, is_after_category=True)
    values = {**dict.fromkeys(ordering.GIVEN, 1), "had_as_gold": [], "opted_out": [], "reserved_since": timezone.now()}
    prepared = Prepared(first_of(ordering.candidates(look), ordering.GIVEN["by"]))
    assert prepared.first(values) is None
    with connection.cursor() as cursor:
        if is_analyzed:  # PostgreSQL then plans anew
            cursor.execute("ANALYZE preferences_slot")
        with CaptureQueriesContext(connection) as captured:
            assert prepared.first(values) is None
        settings, execute, rest = captured.captured_queries[-1]["sql"].partition("EXECUTE ")
        cursor.execute(f"{settings}EXPLAIN {execute}{rest}")
        plan = [line for (line,) in cursor.fetchall()]

    assert not [line for line in plan if "Seq Scan" in line]
    for table in ("annotation_assignment", "preferences_judgment"):
        (read,) = [number for number, line in enumerate(plan) if f" on {table} " in line]
        assert "Cond: (comparison_id = " in plan[read + 1]
