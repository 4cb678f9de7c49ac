from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.models import SamplingPair, Variant
from tests.factories.campaigns import CampaignFactory


class VariantFactory(DjangoModelFactory[Variant]):
    class Meta:
        model = Variant

    name = factory.Sequence(lambda n: f"variant {n}")
    engine = "tiny"
    location = "var/models/tiny"


class SamplingPairFactory(DjangoModelFactory[SamplingPair]):
    """One line of a sampling plan: two variants, the first colder than the second."""

    class Meta:
        model = SamplingPair

    campaign = factory.SubFactory(CampaignFactory)
    first = factory.SubFactory(VariantFactory)
    first_temperature = 0.2
    second = factory.SubFactory(VariantFactory)
    second_temperature = 0.9
