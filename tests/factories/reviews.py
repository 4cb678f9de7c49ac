from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from annotation.models import Review
from preferences.choices import ReviewReason
from tests.factories.judgments import JudgmentFactory


class ReviewFactory(DjangoModelFactory[Review]):
    """A bare review that waits, written past the draw."""

    class Meta:
        model = Review

    judgment = factory.SubFactory(JudgmentFactory)
    comparison = factory.SelfAttribute("judgment.comparison")
    campaign = factory.SelfAttribute("comparison.campaign")
    reasons = factory.LazyFunction(lambda: [ReviewReason.SAMPLE])
