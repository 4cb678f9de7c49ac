"""What is written once: PostgreSQL refuses to change or delete it, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import InternalError, connection, transaction
from django.db.models import Model

from preferences import event_chain
from preferences.actions import events
from preferences.models import (
    Batch,
    BatchItem,
    ErasedEvent,
    Erasure,
    Event,
    EventBlock,
    FollowUp,
    Guideline,
    HoldoutGroup,
    Overlap,
    Prompt,
    Response,
    SealedRows,
)
from tests.factories.batches import (
    BatchFactory,
    BatchItemFactory,
    FollowUpFactory,
    HoldoutGroupFactory,
    SealedRowsFactory,
)
from tests.factories.campaigns import CampaignFactory, GuidelineFactory
from tests.factories.dialogues import PromptFactory
from tests.factories.evaluation_sets import evaluation_set
from tests.factories.responses import ResponseFactory


def an_event() -> Event:
    events.record("campaign.paused", CampaignFactory(), by=None)
    return Event.objects.get()


def a_batch_item() -> BatchItem:
    batch = BatchFactory.build()
    item: BatchItem = BatchItemFactory(batch=batch)
    batch.save(force_insert=True)
    return item


def an_event_block() -> EventBlock:
    an_event()
    event_chain.extend()
    return EventBlock.objects.get()


def an_erased_event() -> ErasedEvent:
    erasure = Erasure.objects.create(subject="user:1", reason="They asked for it.")
    return ErasedEvent.objects.create(erasure=erasure, event=an_event(), sha256="0" * 64)


def an_overlap() -> Overlap:
    return Overlap.objects.create(prompt=PromptFactory(), evaluation_set=evaluation_set(), share=0.5)


KEPT: list[tuple[type[Model], Callable[..., Any], str]] = [
    (Event, an_event, "verb"),
    (Response, ResponseFactory, "text"),
    (Prompt, PromptFactory, "text"),
    (Guideline, GuidelineFactory, "text"),
    (Batch, BatchFactory, "sha256"),
    (BatchItem, a_batch_item, "sha256"),
    (HoldoutGroup, HoldoutGroupFactory, "split"),
    (FollowUp, FollowUpFactory, "split"),
    (SealedRows, SealedRowsFactory, "split"),
    (Overlap, an_overlap, "share"),
    (EventBlock, an_event_block, "sha256"),
    (ErasedEvent, an_erased_event, "sha256"),
]
OTHER = {"split": "test", "share": 1.0}
each = pytest.mark.parametrize(("model", "make", "field"), KEPT, ids=[model.__name__ for model, _, _ in KEPT])

pytestmark = pytest.mark.django_db


@each
def test_it_is_never_changed(model: type[Model], make: Callable[..., Any], field: str) -> None:
    row = make()
    before = getattr(row, field)
    with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**{field: OTHER.get(field, "changed")})
    row.refresh_from_db()
    assert getattr(row, field) == before


@each
def test_it_is_never_deleted(model: type[Model], make: Callable[..., Any], field: str) -> None:
    row = make()
    with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
        model._default_manager.filter(pk=row.pk)._raw_delete("default")  # type: ignore[attr-defined]
    assert model._default_manager.filter(pk=row.pk).exists()


@each
def test_plain_sql_changes_nothing_either(model: type[Model], make: Callable[..., Any], field: str) -> None:
    make()
    table = connection.ops.quote_name(model._meta.db_table)
    for statement in (f"UPDATE {table} SET {field} = {field}", f"DELETE FROM {table}"):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            connection.cursor().execute(statement)
    assert model._default_manager.count() == 1


LOOKED_AFTER = [model for model in apps.get_models() if getattr(model._meta, "triggers", ())]


@pytest.mark.parametrize("model", LOOKED_AFTER, ids=[model._meta.label for model in LOOKED_AFTER])
def test_no_table_whose_rows_triggers_look_after_is_emptied(model: type[Model]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    with pytest.raises(InternalError, match=f"table {model._meta.db_table} is never emptied"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_nor_is_one_that_they_refer_to() -> None:
    with pytest.raises(InternalError, match="is never emptied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE accounts_user CASCADE")
