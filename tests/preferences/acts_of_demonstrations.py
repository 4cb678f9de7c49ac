"""The actions on demonstrations, each ready to be called, for the test that every action tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preferences.actions import demonstrations, guidelines, holdout, prompts
from preferences.choices import Category, Criterion
from preferences.held_out import HeldOut
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

Act = Callable[[], Any]


def submit() -> Act:
    campaign = factories.demonstrations_campaign()
    how = written(campaign, factories.user())
    return lambda: demonstrations.submit(campaign=campaign, **how)


def rewrite() -> Act:
    made = factories.returned_demonstration()
    return lambda: demonstrations.rewrite(**written(made.campaign, made.author), demonstration=made)


def written(campaign: Campaign, by: User) -> dict[str, Any]:
    guideline, said = guidelines.current(campaign), [("Name a fruit.", "An apple.")]
    labels = prompts.Labels(category=Category.FACTUAL)
    return {"exchanges": said, "labels": labels, "by": by, "guideline": guideline, "active_seconds": 9.5}


def approve() -> Act:
    made = factories.demonstration()
    how = written(made.campaign, factories.user())
    del how["labels"]
    return lambda: demonstrations.approve(demonstration=made, version=1, met=set(Criterion), **how)


def send_back() -> Act:
    made, reviewer = factories.demonstration(), factories.user()
    how = {"version": 1, "feedback": "Longer.", "met": [], "by": reviewer, "active_seconds": 9.5}
    return lambda: demonstrations.send_back(demonstration=made, **how)


def keep_for_training() -> Act:
    about = {"held_out": HeldOut(), "source": "a file", "by": None}
    return lambda: holdout.keep_for_training(dialogues=[["Why is grass green?"]], **about)
