"""A migration does not keep people waiting, however many rows there are."""

from __future__ import annotations

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tests.rules.migration_locks import blocks

# Those before were applied to records that were small; from these numbers on each must hold.
FROM = {"preferences": 45, "annotation": 25, "workers": 15, "exports": 18, "accounts": 10}


def test_no_migration_blocks_a_table_that_grows() -> None:
    held = MigrationLoader(None).disk_migrations
    late = {key: one for key, one in held.items() if key[0] in FROM and int(key[1][:4]) >= FROM[key[0]]}
    found = {f"{app}.{name}": list(blocks(migration)) for (app, name), migration in late.items()}
    assert {name: sentences for name, sentences in found.items() if sentences} == {}


CHECK = models.CheckConstraint(condition=models.Q(number__gte=0), name="slot_number")
INDEX = models.Index(fields=["number"], name="slot_by_number")


@pytest.mark.parametrize(
    ("operation", "atomic", "sentence"),
    [
        (migrations.AddIndex("slot", INDEX), True, "AddIndexConcurrently"),
        (migrations.AddConstraint("Slot", CHECK), True, "AddConstraintNotValid"),
        (migrations.AddConstraint("slot", models.UniqueConstraint(fields=["number"], name="u")), True, "USING INDEX"),
        (migrations.AlterField("judgment", "score", models.BigIntegerField()), True, "written anew"),
        (migrations.AddField("event", "where", models.CharField(max_length=9, db_index=True)), True, "without"),
        (migrations.RunPython(migrations.RunPython.noop), True, "in pieces"),
        (AddIndexConcurrently("slot", INDEX), True, "atomic = False"),
        (AddIndexConcurrently("slot", INDEX), False, ""),
        (AddConstraintNotValid("slot", CHECK), True, ""),
        (migrations.AddField("event", "where", models.CharField(max_length=9, default="")), True, ""),
        (migrations.AddIndex("campaign", INDEX), True, ""),
        (migrations.RunPython(migrations.RunPython.noop), False, ""),
    ],
    ids=["index", "check", "unique", "type", "column-index", "fill", "concurrently-inside", "concurrently",
         "not-valid", "column", "small", "fill-in-pieces"],
)  # fmt: skip
def test_what_blocks_is_found_and_what_does_not_is_not(operation: Operation, atomic: bool, sentence: str) -> None:
    migration = migrations.Migration("9999_tried", "preferences")
    migration.operations, migration.atomic = [operation], atomic
    found = list(blocks(migration))
    assert len(found) == bool(sentence)
    assert all(sentence in one for one in found)
