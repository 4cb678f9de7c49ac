"""The actions that open what is judged, each ready to be called, for the test that every action tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preferences.actions import comparisons, imports, responses, variants
from preferences.actions.comparisons import Answered
from preferences.importing import ImportedPrompt
from preferences.models import Response
from tests import factories

Act = Callable[[], Any]


def open_pair() -> Act:
    turn = factories.turn()
    response_a, response_b = factories.response_pair(turn)
    return lambda: comparisons.open_pair(turn=turn, response_a=response_a, response_b=response_b)


def open_all() -> Act:
    campaign = factories.campaign()
    answered = [Answered(turn, *factories.response_pair(turn)) for turn in (factories.turn(campaign) for _ in range(2))]
    return lambda: comparisons.open_all(answered=answered)


def record_all() -> Act:
    turn, variant = factories.turn(), factories.variant()
    made = {"turn": turn, "variant": variant, "temperature": 1.0, "top_p": 1.0, "seed": 1, "completion_tokens": 2}
    return lambda: responses.record_all(unsaved=[Response(text=text, **made) for text in ("One.", "Two.")])


def open_ratings() -> Act:
    turn = factories.turn(factories.rating_campaign())
    pair = factories.response_pair(turn)
    return lambda: comparisons.open_ratings(turn=turn, responses=pair)


def fail_turn() -> Act:
    turn = factories.turn()
    return lambda: comparisons.fail_turn(turn=turn, reason="The model is away.")


def retry_turn() -> Act:
    turn = factories.turn()
    comparisons.fail_turn(turn=turn, reason="The model is away.")
    return lambda: comparisons.retry_turn(turn=turn)


def add_prompts() -> Act:
    campaign, said = factories.campaign(), ({"role": "user", "content": "Why?"},)
    item = ImportedPrompt("p1", said, {"category": "factual"})
    return lambda: imports.add_prompts(campaign=campaign, items=[item], by=None)


def add_chunk() -> Act:
    campaign, rater = factories.campaign(), factories.user()
    variants.register(name="unknown a", engine=variants.IMPORTED, by=None)
    variants.register(name="unknown b", engine=variants.IMPORTED, by=None)
    items = [factories.parsed(campaign, votes=[factories.vote()]) for _ in range(2)]
    return lambda: imports.add_chunk(campaign=campaign, items=items, annotator_of=lambda name: rater, by=None)
