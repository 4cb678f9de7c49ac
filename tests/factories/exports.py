from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from exports.models import Export
from tests.factories.batches import BatchFactory


class ExportFactory(DjangoModelFactory[Export]):
    class Meta:
        model = Export

    batch = factory.SubFactory(BatchFactory)
    format = "trl"
    margin = "small"
