from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from annotation.models import Concern, SignalName
from tests.factories.campaigns import CampaignFactory
from tests.factories.people import UserFactory


class ConcernFactory(DjangoModelFactory[Concern]):
    """An open concern, written past the action."""

    class Meta:
        model = Concern

    campaign = factory.SubFactory(CampaignFactory)
    person = factory.SubFactory(UserFactory)
    signal = SignalName.SIDES
    evidence = factory.LazyFunction(lambda: {"value": 0.9, "n": 60})
    opened_at = factory.LazyFunction(timezone.now)
