from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from annotation.models import Assignment
from preferences.choices import Position, SlotStatus
from tests.factories.comparisons import SlotFactory
from tests.factories.people import UserFactory


class AssignmentFactory(DjangoModelFactory[Assignment]):
    """A bare lease on a slot, written past the queue."""

    class Meta:
        model = Assignment

    slot = factory.SubFactory(SlotFactory, status=SlotStatus.LEASED)
    comparison = factory.SelfAttribute("slot.comparison")
    annotator = factory.SubFactory(UserFactory)
    shown_left = Position.A
    created_at = factory.LazyFunction(timezone.now)
    beaten_at = factory.LazyFunction(timezone.now)
    leased_until = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=15))
