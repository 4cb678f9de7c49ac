"""The erasures, each ready to be called, for the test that every action tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preferences.actions import erasures
from tests import factories

Act = Callable[[], Any]


def person() -> Act:
    campaign = factories.campaign()
    rater = factories.annotator(campaign)
    factories.judge(factories.comparison(campaign), rater, rationale="It names the king.")
    factories.batch(campaign, comparisons=0)
    return lambda: erasures.erase_person(person=rater, reason="They asked for it.", by=None)


def dialogue() -> Act:
    made = factories.comparison()
    return lambda: erasures.erase_dialogue(dialogue=made.turn.dialogue, reason="It names somebody.", by=None)
