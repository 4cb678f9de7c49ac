"""A sealed batch never changes: what PostgreSQL refuses once the batch stands."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, InternalError, connection, transaction

from preferences.choices import Chosen, ComparisonStatus, SlotStatus
from preferences.models import BatchItem, Campaign, Comparison, Erasure, Judgment, Turn
from tests import factories
from tests.factories.batches import BatchFactory, BatchItemFactory
from tests.factories.comparisons import SlotFactory
from tests.factories.judgments import JudgmentFactory
from tests.factories.responses import ResponseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def sealed(campaign: Campaign) -> Comparison:
    comparison = factories.judged_comparison(campaign)
    factories.batch(campaign, comparisons=0)
    comparison.refresh_from_db()
    return comparison


def test_a_sealed_batch_takes_no_further_item() -> None:
    batch = BatchFactory()
    with pytest.raises(InternalError, match=f"batch {batch.pk} is sealed"), transaction.atomic():
        BatchItemFactory(batch=batch)
    assert not BatchItem.objects.exists()


def test_an_item_without_its_batch_does_not_last() -> None:
    with pytest.raises(IntegrityError, match="batch_id"), transaction.atomic():
        BatchItemFactory()
        connection.check_constraints()


@pytest.mark.parametrize("same", ["comparison", "place"])
def test_a_batch_holds_each_comparison_and_each_place_once(same: str) -> None:
    item = BatchItemFactory()
    constraint = {"comparison": "batch_item_once", "place": "batch_item_place"}[same]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BatchItemFactory(batch=item.batch, **{same: getattr(item, same)})
    item.batch.save(force_insert=True)


def test_a_version_of_a_batch_is_there_once() -> None:
    batch = BatchFactory()
    with pytest.raises(IntegrityError, match="batch_version_once"), transaction.atomic():
        BatchFactory(name=batch.name)
    erasure = Erasure.objects.create(subject="dialogue:1", reason="It names somebody.")
    assert BatchFactory(name=batch.name, version=2, erasure=erasure).pk != batch.pk


@pytest.mark.parametrize("week", ["2026-48", "2026-W8", "W48-2026", ""])
def test_a_batch_is_of_an_iso_week(week: str) -> None:
    with pytest.raises(IntegrityError, match="batch_iso_week"), transaction.atomic():
        BatchFactory(week=week)


@pytest.mark.parametrize("half", [{"tokenizer": "small"}, {"tokenizer_sha256": "0" * 64}], ids=["name", "hash"])
def test_a_batch_names_its_tokenizer_with_its_hash(half: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="batch_tokenizer_with_its_hash"), transaction.atomic():
        BatchFactory(**half)


def test_a_judgment_may_change_until_its_comparison_is_sealed(campaign: Campaign) -> None:
    judgment = factories.judged_comparison(campaign).judgments.get()
    assert Judgment.objects.filter(pk=judgment.pk).update(chosen=Chosen.B) == 1


def test_a_sealed_judgment_is_neither_changed_nor_deleted(sealed: Comparison) -> None:
    judgments = Judgment.objects.filter(comparison=sealed)
    for write in (lambda: judgments.update(chosen=Chosen.B), judgments.delete):
        with pytest.raises(InternalError, match="is part of a sealed batch"), transaction.atomic():
            write()
    assert judgments.get().chosen == Chosen.A


def test_a_judgment_is_not_moved_into_a_sealed_comparison(campaign: Campaign, sealed: Comparison) -> None:
    stray = factories.judged_comparison(campaign).judgments.get()
    slot = SlotFactory(comparison=sealed, number=1, status=SlotStatus.FILLED)
    with pytest.raises(DatabaseError), transaction.atomic():
        Judgment.objects.filter(pk=stray.pk).update(comparison=sealed, slot=slot)
        connection.check_constraints()
    assert sealed.judgments.count() == 1


def test_no_further_judgment_is_written_into_a_sealed_comparison(campaign: Campaign, sealed: Comparison) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        slot = SlotFactory(comparison=sealed, number=1, status=SlotStatus.LEASED)
        JudgmentFactory(slot=slot, guideline=campaign.guidelines.get())
    assert sealed.judgments.count() == 1


def test_the_responses_of_a_sealed_comparison_are_not_exchanged(sealed: Comparison) -> None:
    better = ResponseFactory(turn=sealed.turn)
    with pytest.raises(DatabaseError), transaction.atomic():
        Comparison.objects.filter(pk=sealed.pk).update(response_a=better)
    sealed.refresh_from_db()
    assert sealed.response_a != better


def test_a_sealed_comparison_is_not_deleted(sealed: Comparison) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Comparison.objects.filter(pk=sealed.pk)._raw_delete("default")  # type: ignore[attr-defined]
        connection.check_constraints()
    assert Comparison.objects.get(pk=sealed.pk).status == ComparisonStatus.SEALED


def test_what_was_said_before_a_sealed_turn_is_not_rewritten(sealed: Comparison) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        dialogue = sealed.turn.dialogue
        type(dialogue).objects.filter(pk=dialogue.pk).update(context=[{"role": "user", "content": "Something else."}])
    assert Turn.objects.get(pk=sealed.turn_id).dialogue.context == []
