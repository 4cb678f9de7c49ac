from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from preferences.choices import Split
from preferences.models import Batch, BatchItem, FollowUp, HoldoutGroup, SealedRows
from preferences.models.prompts import family_of
from tests.factories.comparisons import ComparisonFactory


class HoldoutGroupFactory(DjangoModelFactory[HoldoutGroup]):
    class Meta:
        model = HoldoutGroup

    family = factory.Sequence(lambda n: family_of(f"held out {n}"))
    split = Split.TRAIN


class FollowUpFactory(DjangoModelFactory[FollowUp]):
    class Meta:
        model = FollowUp

    family = factory.Sequence(lambda n: family_of(f"follow-up {n}"))
    split = Split.TRAIN


class BatchFactory(DjangoModelFactory[Batch]):
    class Meta:
        model = Batch

    name = factory.Sequence(lambda n: f"batch {n}")
    week = "2026-W48"
    seed = "margin"
    sha256 = "0" * 64
    sealed_at = factory.LazyFunction(timezone.now)


class BatchItemFactory(DjangoModelFactory[BatchItem]):
    """Give it a batch that is not saved yet: a saved one takes no further item."""

    class Meta:
        model = BatchItem

    batch = factory.LazyFunction(BatchFactory.build)
    comparison = factory.SubFactory(ComparisonFactory)
    group = factory.SubFactory(HoldoutGroupFactory)
    place = factory.Sequence(lambda n: n)
    sha256 = "0" * 64


class SealedRowsFactory(DjangoModelFactory[SealedRows]):
    class Meta:
        model = SealedRows

    batch = factory.SubFactory(BatchFactory)
    split = Split.TRAIN
    number = 0
    places = [0]
    data = b""
