from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.choices import Position
from tests.factories.dialogues import TurnFactory
from tests.factories.variants import VariantFactory
from workers.models import SamplingRun


class SamplingRunFactory(DjangoModelFactory[SamplingRun]):
    class Meta:
        model = SamplingRun

    turn = factory.SubFactory(TurnFactory)
    position = Position.A
    variant = factory.SubFactory(VariantFactory)
    temperature = 0.7
    top_p = 1.0
    seed = 1000
