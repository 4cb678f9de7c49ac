"""A constraint that no test names is one that nobody has seen refuse anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.rules.repository import PACKAGES, ROOT

# Unique by construction (each holds the primary key): they are the targets of the composite keys.
TARGETS = {
    "response_of_turn",
    "slot_of_comparison",
    "comparison_of_campaign",
    "judgment_of_comparison",
    "pool_of_campaign",
    "exam_part_of_exam",
    "attempt_of_exam",
    "sitting_of_part",
    "question_of_part",
}


def sources_of_tests() -> str:
    here = Path(__file__)
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path != here)


def test_every_constraint_of_a_model_is_named_by_a_test() -> None:
    declared = {
        constraint.name
        for model in apps.get_models()
        if model.__module__.split(".")[0] in PACKAGES
        for constraint in model._meta.constraints
    }
    sources = sources_of_tests()
    assert len(declared) > 40
    assert sorted(name for name in declared - TARGETS if name not in sources) == []


@pytest.mark.django_db
def test_every_composite_key_is_named_by_a_test_and_checked_at_commit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, condeferrable AND condeferred FROM pg_constraint"
            " WHERE contype = 'f' AND array_length(conkey, 1) > 1"
        )
        keys = dict(cursor.fetchall())
    sources = sources_of_tests()
    assert keys
    assert sorted(name for name in keys if name not in sources) == []
    assert all(keys.values())
