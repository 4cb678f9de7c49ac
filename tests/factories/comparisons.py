from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.models import Comparison, Slot
from tests.factories.campaigns import CampaignFactory
from tests.factories.dialogues import TurnFactory
from tests.factories.responses import ResponseFactory


class ComparisonFactory(DjangoModelFactory[Comparison]):
    """A bare row without slots, for what the database itself must hold."""

    class Meta:
        model = Comparison

    campaign = factory.SubFactory(CampaignFactory)
    turn = factory.SubFactory(TurnFactory, dialogue__campaign=factory.SelfAttribute("...campaign"))
    response_a = factory.SubFactory(ResponseFactory, turn=factory.SelfAttribute("..turn"))
    response_b = factory.SubFactory(ResponseFactory, turn=factory.SelfAttribute("..turn"))


class SlotFactory(DjangoModelFactory[Slot]):
    class Meta:
        model = Slot

    comparison = factory.SubFactory(ComparisonFactory)
    campaign = factory.SelfAttribute("comparison.campaign")
    number = factory.Sequence(lambda n: n % 30_000)
