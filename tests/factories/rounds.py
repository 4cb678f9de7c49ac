from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from tests.factories.campaigns import CampaignFactory
from tests.factories.variants import VariantFactory
from workers.models import Round


class RoundFactory(DjangoModelFactory[Round]):
    class Meta:
        model = Round

    campaign = factory.SubFactory(CampaignFactory)
    number = factory.Sequence(lambda n: n + 1)
    new = factory.SubFactory(VariantFactory)
