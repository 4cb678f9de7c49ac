from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from preferences.actions import comparisons
from preferences.models import Campaign, Comparison, Slot
from preferences.models.prompts import family_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.dialogues import TurnFactory
from tests.factories.responses import ResponseFactory
from webapp.accounts.models import User


class ComparisonFactory(DjangoModelFactory[Comparison]):
    """A bare row without slots, for what the database itself must hold; `open_comparison` makes a working one."""

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


def open_comparison(campaign: Campaign, *, text: str = "", author: User | None = None, **responses: Any) -> Comparison:
    """A pair that waits for judgments, with its slots; `a` and `b` are the texts of the two responses."""
    named = {"prompt__text": text, "dialogue__family": family_of(text)} if text else {}
    turn = TurnFactory(dialogue__campaign=campaign, dialogue__author=author, **named)
    made = [
        ResponseFactory(turn=turn, **({"text": responses[side]} if side in responses else {})) for side in ("a", "b")
    ]
    return comparisons.open_pair(turn=turn, response_a=made[0], response_b=made[1])
