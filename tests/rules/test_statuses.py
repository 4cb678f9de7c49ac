from __future__ import annotations

from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection

from preferences.lifecycle import NOUNS, TRANSITIONS
from tests.rules.repository import PACKAGES, files, name
from tests.rules.status_writes import status_writes

THE_ONLY_WRITER = "preferences/lifecycle.py"
WITH_A_STATUS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in PACKAGES and any(field.name == "status" for field in model._meta.fields)
]


def test_only_the_lifecycle_writes_a_status() -> None:
    sources = files(*(f"{package}/*.py" for package in PACKAGES))
    assert len(sources) > 60
    found = {name(path): status_writes(path.read_text(encoding="utf-8")) for path in sources}
    assert found.pop(THE_ONLY_WRITER)
    assert {path: writes for path, writes in found.items() if writes} == {}


@pytest.mark.parametrize(
    "source",
    [
        "row.status = 'open'",
        "a.b.status += 'x'",
        "row.status: str = 'open'",
        "first.status, second = 'open', 1",
        "for row.status in words: pass",
        "rows.filter(pk=1).update(status='open')",
        "Model.objects.create(name='x', status='open')",
        "Model.objects.get_or_create(name='x', defaults={'status': 'open'})",
        "Model.objects.bulk_update(rows, ['name', 'status'])",
        "Model.objects.bulk_update(rows, fields=('status',))",
        "row.save(update_fields=['status'])",
        "setattr(row, 'status', 'open')",
        "cursor.execute('UPDATE preferences_turn SET status = %s', ['ready'])",
    ],
)
def test_the_rule_sees_every_way_to_write_a_status(source: str) -> None:
    assert status_writes(source)


@pytest.mark.parametrize(
    "source",
    [
        "status = models.CharField()",
        "rows.filter(status='open').update(name='x')",
        "if row.status == 'open': pass",
        "HttpResponse(status=404)",
        "lifecycle.advance(row, TurnStatus.READY)",
        "row.save(update_fields=['name'])",
    ],
)
def test_the_rule_lets_a_status_be_read(source: str) -> None:
    assert status_writes(source) == []


def test_there_are_models_with_a_status() -> None:
    assert len(WITH_A_STATUS) >= len(TRANSITIONS)


@pytest.mark.parametrize("model", WITH_A_STATUS)
def test_every_model_with_a_status_has_the_trigger_of_its_transitions(model: Any) -> None:
    field = model._meta.get_field("status")
    (statuses,) = [words for words in TRANSITIONS if words.choices == list(field.choices)]
    (trigger,) = [trigger for trigger in model._meta.triggers if isinstance(trigger, pgtrigger.FSM)]
    edges = {(str(before), str(to)) for before, targets in TRANSITIONS[statuses].items() for to in targets}
    assert (trigger.field, set(trigger.transitions)) == ("status", edges)


@pytest.mark.parametrize("model", WITH_A_STATUS)
def test_every_model_with_a_status_has_a_noun_for_its_sentences(model: Any) -> None:
    (statuses,) = [words for words in TRANSITIONS if words.choices == list(model._meta.get_field("status").choices)]
    assert NOUNS[statuses] == model._meta.verbose_name


@pytest.mark.django_db
@pytest.mark.parametrize("model", WITH_A_STATUS)
def test_every_trigger_of_a_model_stands_in_the_database_and_is_enabled(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        standing = dict(cursor.fetchall())
    wanted = {trigger.get_pgid(model) for trigger in model._meta.triggers}
    assert wanted and wanted <= set(standing)
    assert {standing[pgid] for pgid in wanted} == {"O"}
