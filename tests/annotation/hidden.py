"""Gold and repeats in tests: made through the action, drawn at will, answered right or wrong."""

from __future__ import annotations

import random
from typing import Any

from annotation import gold, mixing, queue
from annotation.models import Assignment, Gold
from annotation.queue import Answer
from preferences.choices import Chosen, Degree
from preferences.models import Campaign, Judgment
from preferences.scales import Verdict
from tests.annotation.helpers import claimed, new_comparison
from webapp.accounts.models import User

A_IS_BETTER = Verdict(Chosen.A, Degree.BETTER)


def made_gold(campaign: Campaign, **more: Any) -> Gold:
    settings = {"verdict": A_IS_BETTER, "reason": "A answers the question.", "by": None, **more}
    return gold.make(original=settings.pop("original", None) or new_comparison(campaign), **settings)


def answer_for(assignment: Assignment, position: str, **more: Any) -> Answer:
    return Answer(place=2 if assignment.shown_left == position else 7, **more)


def give(campaign: Campaign, by: User, position: str = "a", **more: Any) -> Judgment:
    assignment = claimed(campaign, by)
    return queue.submit(key=assignment.key, by=by, answer=answer_for(assignment, position, **more))


def always(drawn: float) -> None:
    """Whatever is drawn from now on; `honest` ends it."""
    mixing._dice = random.SystemRandom()
    mixing._dice.random = lambda: drawn


def honest() -> None:
    mixing._dice = random.SystemRandom()
