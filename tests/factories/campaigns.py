from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.choices import CampaignStatus, Track
from preferences.models import Campaign, Guideline


class CampaignFactory(DjangoModelFactory[Campaign]):
    """Open, on the helpfulness track, one judgment a comparison."""

    class Meta:
        model = Campaign

    slug = factory.Sequence(lambda n: f"campaign-{n}")
    name = factory.Sequence(lambda n: f"Campaign {n}")
    track = Track.HELPFULNESS
    question = "Which response is better?"
    status = CampaignStatus.OPEN


class GuidelineFactory(DjangoModelFactory[Guideline]):
    class Meta:
        model = Guideline

    campaign = factory.SubFactory(CampaignFactory)
    version = 1
    text = "Choose the response that helps more."
