from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from preferences.choices import Chosen, Degree, Position
from preferences.models import Judgment
from tests.factories.campaigns import GuidelineFactory
from tests.factories.comparisons import SlotFactory
from tests.factories.people import UserFactory


class JudgmentFactory(DjangoModelFactory[Judgment]):
    """A bare row, written past the actions, in a slot of its own."""

    class Meta:
        model = Judgment

    comparison = factory.SelfAttribute("slot.comparison")
    slot = factory.SubFactory(SlotFactory)
    annotator = factory.SubFactory(UserFactory)
    guideline = factory.SubFactory(GuidelineFactory, campaign=factory.SelfAttribute("..comparison.campaign"))
    shown_left = Position.A
    chosen = Chosen.A
    degree = Degree.BETTER
    active_seconds = 30.0
    created_at = factory.LazyFunction(timezone.now)
