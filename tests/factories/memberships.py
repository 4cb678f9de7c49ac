from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from annotation.models import Membership, Role
from tests.factories.campaigns import CampaignFactory
from tests.factories.people import UserFactory


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    campaign = factory.SubFactory(CampaignFactory)
    role = Role.ANNOTATOR
