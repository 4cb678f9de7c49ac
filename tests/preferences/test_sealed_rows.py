"""The rows of a batch are kept as they were hashed, and what is read is what was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
import pytest
import zstandard
from django.db import IntegrityError, connection, transaction

from preferences import rows, sealed_rows
from preferences.choices import Split
from preferences.errors import Conflict
from preferences.hashing import line_hash
from preferences.models import Batch, SealedRows
from tests import factories
from tests.factories.batches import SealedRowsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return factories.batch(factories.campaign(), comparisons=5)


def read(batch: Batch) -> dict[str, list[bytes]]:
    return {split: [line for part in sealed_rows.parts(batch, split) for line in part.lines()] for split in Split}


def test_each_side_is_read_in_order_and_is_what_was_hashed(batch: Batch) -> None:
    items = batch.items.order_by("place")
    for split, lines in read(batch).items():
        assert [line_hash(line) for line in lines] == list(
            items.filter(group__split=split).values_list("sha256", flat=True)
        )
        assert lines


def test_nothing_is_built_anew(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise AssertionError("a sealed row was built anew")

    monkeypatch.setattr(rows, "_rows", refuse)
    assert sum(map(len, read(batch).values())) == 5


@pytest.mark.parametrize(("name", "limit"), [("ROWS", 2), ("BYTES", 1)])
def test_it_is_kept_in_parts_that_a_reader_has_room_for(name: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_rows, name, limit)
    batch = factories.batch(factories.campaign(), comparisons=5)
    parts = SealedRows.objects.filter(batch=batch)
    assert all(len(part.places) <= limit for part in parts)
    assert sorted(place for part in parts for place in part.places) == [0, 1, 2, 3, 4]
    assert sum(map(len, read(batch).values())) == 5


def test_a_batch_that_was_sealed_before_rows_were_kept_is_read_all_the_same(batch: Batch) -> None:
    before = read(batch)
    forget(SealedRows.objects.filter(batch=batch))
    assert read(batch) == before
    assert SealedRows.objects.filter(batch=batch).exists()


def test_of_such_a_batch_nothing_is_read_that_was_changed_since(batch: Batch) -> None:
    forget(SealedRows.objects.filter(batch=batch))
    with past_triggers() as cursor:
        cursor.execute("UPDATE preferences_judgment SET rationale = 'Something else.'")
    refused(batch)


def test_rows_that_are_not_what_was_sealed_are_refused(batch: Batch) -> None:
    part = SealedRows.objects.filter(batch=batch, split=Split.TRAIN).get()
    changed = zstandard.decompress(part.data).replace(b'"degree":"', b'"degree":"s')
    with past_triggers():
        SealedRows.objects.filter(pk=part.pk).update(data=zstandard.compress(changed))
    refused(batch)


def test_rows_of_the_other_side_are_refused(batch: Batch) -> None:
    train, test = (SealedRows.objects.get(batch=batch, split=split) for split in (Split.TRAIN, Split.TEST))
    with past_triggers():
        SealedRows.objects.filter(pk=train.pk).update(places=test.places, data=test.data)
    refused(batch)


def test_a_batch_of_which_a_part_is_missing_is_refused(batch: Batch) -> None:
    forget(SealedRows.objects.filter(batch=batch, split=Split.TRAIN))
    refused(batch)


def test_a_part_is_kept_once() -> None:
    part = SealedRowsFactory()
    with pytest.raises(IntegrityError, match="sealed_rows_once"), transaction.atomic():
        SealedRowsFactory(batch=part.batch)


def refused(batch: Batch) -> None:
    with pytest.raises(Conflict, match="no longer those that were sealed"):
        read(batch)


def forget(parts: Any) -> None:
    with pgtrigger.ignore("preferences.SealedRows:append_only"):
        parts.delete()


@contextmanager
def past_triggers() -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")
