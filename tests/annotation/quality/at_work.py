"""A campaign whose people have judged: careful ones, and one who does what a test wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from preferences.choices import ComparisonStatus, Position, SlotStatus, TurnStatus
from preferences.models import Campaign, Comparison, Dialogue, Judgment, Prompt, Response, Slot, Turn
from preferences.models.prompts import family_of
from preferences.scales import Scale
from tests import factories
from webapp.accounts.models import User

PAIRS = 30

# What somebody does with the pair of this number, whose better response is A for even ones.
Habit = Callable[[int], dict[str, Any]]


def careful(number: int) -> dict[str, Any]:
    """The better one, in every degree, with either side on the left as often."""
    strength = 1 + number // 2 % 4
    left = Position.A if number // 8 % 2 else Position.B
    return {"score": -strength if number % 2 == 0 else strength, "shown_left": left, "active_seconds": 20 + number % 7}


def always_left(number: int) -> dict[str, Any]:
    strength, left = 1 + number // 2 % 4, careful(number)["shown_left"]
    return {**careful(number), "score": -strength if left == Position.A else strength}


def hasty(number: int) -> dict[str, Any]:
    return {**careful(number), "active_seconds": 0.5}


def campaign_of(*habits: Habit, pairs: int = PAIRS) -> tuple[Campaign, list[User], list[Comparison]]:
    """Everybody judges every pair; A is three times as long as B in two of three. Written in bulk, past the actions."""
    campaign = factories.campaign(raters_per_item=len(habits))
    people = [factories.annotator(campaign) for _ in habits]
    made = _pairs(campaign, pairs)
    slots = Slot.objects.bulk_create(
        Slot(campaign=campaign, comparison=pair, number=number, status=SlotStatus.FILLED)
        for pair in made
        for number in range(len(habits))
    )
    guideline, now, taken = campaign.guidelines.get(), timezone.now(), iter(slots)
    Judgment.objects.bulk_create(
        _judgment(habit(number), slot=next(taken), comparison=pair, annotator=person, guideline=guideline,
                  created_at=now + timedelta(seconds=number))
        for number, pair in enumerate(made)
        for person, habit in zip(people, habits, strict=True)
    )  # fmt: skip
    Comparison.objects.filter(campaign=campaign).update(status=ComparisonStatus.JUDGED, finished_at=now)
    return campaign, people, made


def _pairs(campaign: Campaign, count: int) -> list[Comparison]:
    prompts = Prompt.objects.bulk_create(
        Prompt(campaign=campaign, text=f"Question {number}?", family=family_of(f"{campaign.pk} {number}"))
        for number in range(count)
    )
    dialogues = Dialogue.objects.bulk_create(Dialogue(campaign=campaign, family=prompt.family) for prompt in prompts)
    turns = Turn.objects.bulk_create(
        Turn(dialogue=dialogue, index=0, prompt=prompt, status=TurnStatus.READY)
        for dialogue, prompt in zip(dialogues, prompts, strict=True)
    )
    variant = factories.variant()
    sampled = {"variant": variant, "temperature": 1.0, "top_p": 1.0, "seed": 1, "completion_tokens": 9}
    responses = Response.objects.bulk_create(
        Response(turn=turn, text=f"It is {'very ' * (30 if is_long else 10)}{number}.", **sampled)
        for number, turn in enumerate(turns)
        for is_long in (number % 3 != 0, number % 3 == 0)
    )
    return Comparison.objects.bulk_create(
        Comparison(campaign=campaign, turn=turn, response_a=responses[2 * number], response_b=responses[2 * number + 1])
        for number, turn in enumerate(turns)
    )


def _judgment(said: dict[str, Any], **fields: Any) -> Judgment:
    verdict = factories.verdict(Scale.EIGHT_POINT, said.pop("score"))
    return Judgment(chosen=verdict.chosen, degree=verdict.degree, **said, **fields)


def judgment_of(person: User, comparison: Comparison) -> Judgment:
    return Judgment.objects.get(annotator=person, comparison=comparison)
