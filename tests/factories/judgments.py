from __future__ import annotations

from collections.abc import Sequence

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from preferences.actions import guidelines, judgments, slots
from preferences.choices import Chosen, Degree, Position, SlotStatus
from preferences.models import Campaign, Comparison, Judgment
from preferences.scales import Verdict
from tests.factories.campaigns import GuidelineFactory
from tests.factories.comparisons import SlotFactory, open_comparison
from tests.factories.people import UserFactory
from webapp.accounts.models import User

A_IS_BETTER = Verdict(Chosen.A, Degree.BETTER)


class JudgmentFactory(DjangoModelFactory[Judgment]):
    """A bare row, written past the actions. Give a comparison of `open_comparison`'s its own slot."""

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


def judge(
    comparison: Comparison,
    verdict: Verdict = A_IS_BETTER,
    *,
    by: User | None = None,
    safety: tuple[int, int] | None = None,
    left: Position = Position.A,
) -> Judgment:
    """Fills the comparison's next open slot by the kernel's actions; `safety` is of A and of B."""
    slot = comparison.slots.filter(status=SlotStatus.OPEN).order_by("number")[0]
    slots.lease(slot)
    return judgments.record(
        slot=slot,
        by=by or UserFactory(),
        verdict=verdict,
        shown_left=left,
        guideline=guidelines.current(comparison.campaign) or GuidelineFactory(campaign=comparison.campaign),
        active_seconds=12.5,
        safety=dict(zip(Position, safety, strict=True)) if safety else None,
    )


def judged_comparison(
    campaign: Campaign,
    verdicts: Sequence[Verdict] = (A_IS_BETTER,),
    *,
    text: str = "",
    author: User | None = None,
    raters: Sequence[User] = (),
) -> Comparison:
    """A comparison with these verdicts, as many as its campaign wants, each by another person."""
    comparison = open_comparison(campaign, text=text, author=author)
    for place, verdict in enumerate(verdicts):
        judge(comparison, verdict, by=raters[place] if raters else None)
    comparison.refresh_from_db()
    return comparison
