"""What a migration does to tables that grow, as a sentence where it keeps people waiting."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.models import CheckConstraint

# Tables with rows for every comparison, or more.
LARGE = {
    "assignment", "batchitem", "comparison", "delivery", "dialogue", "draft", "event", "holdoutgroup", "judgment",
    "message", "prompt", "response", "samplingrun", "sealedrows", "slot", "turn",
}  # fmt: skip


def blocks(migration: migrations.Migration) -> Iterator[str]:
    for operation in migration.operations:
        table = getattr(operation, "model_name_lower", "")
        if table in LARGE and (sentence := _blocks(operation)):
            yield f"{sentence} ({table})"
        if isinstance(operation, migrations.RunPython) and migration.atomic:
            yield "Rows are filled in one transaction: set atomic = False and fill them in pieces."
        if isinstance(operation, (AddIndexConcurrently, RemoveIndexConcurrently)) and migration.atomic:
            yield "An index is made concurrently outside of a transaction only: set atomic = False."


def _blocks(operation: Operation) -> str:
    if type(operation) is migrations.AddIndex:  # what is made concurrently is a kind of it
        return "Nobody writes while an index is made: AddIndexConcurrently."
    if type(operation) is migrations.AddConstraint:
        if isinstance(operation.constraint, CheckConstraint):
            return "Nobody reads or writes while every row is checked: AddConstraintNotValid, then ValidateConstraint."
        return "Nobody writes while a unique index is made: make it concurrently, then ADD CONSTRAINT … USING INDEX."
    if isinstance(operation, migrations.AlterField):
        return "A column of another type has every row written anew: add a column, fill it in pieces, change over."
    if isinstance(operation, migrations.AddField) and (operation.field.db_index or operation.field.unique):
        return "Nobody writes while a column's index is made: add it without, then AddIndexConcurrently."
    return ""
