from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.choices import Category
from preferences.models import Dialogue, Prompt, Turn
from preferences.models.prompts import family_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.people import UserFactory


class PromptFactory(DjangoModelFactory[Prompt]):
    class Meta:
        model = Prompt

    campaign = factory.SubFactory(CampaignFactory)
    text = factory.Sequence(lambda n: f"Why is the sky blue, part {n}?")
    category = Category.FACTUAL
    family = factory.LazyAttribute(lambda prompt: family_of(prompt.text))


class DialogueFactory(DjangoModelFactory[Dialogue]):
    class Meta:
        model = Dialogue

    campaign = factory.SubFactory(CampaignFactory)
    author = factory.SubFactory(UserFactory)
    family = factory.Sequence(lambda n: family_of(f"family {n}"))


class TurnFactory(DjangoModelFactory[Turn]):
    """The first turn of a dialogue, being sampled. Give `dialogue__campaign` and `prompt__text` to say which."""

    class Meta:
        model = Turn

    dialogue = factory.SubFactory(DialogueFactory)
    index = 0
    prompt = factory.SubFactory(PromptFactory, campaign=factory.SelfAttribute("..dialogue.campaign"))
