"""Visits to the pages of reward models, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.choices import Track
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User
from workers.rewards import actions


def visits(
    a_campaign: Callable[..., Campaign], get: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    boss = reader(factories.manager(a_campaign("rewarded")))
    waiting, training = factories.reward_model(base="/1"), factories.reward_model(base="/1", seed=8)
    holder = actions.take(model=training)
    assert holder is not None
    actions.note(model=training, holder=holder, progress={"step": 3, "steps": 9, "loss": 0.5})
    weeks = {"2026-W47": factories.scored_pairs(650, 350, safety=True), "2026-W48": factories.scored_pairs(560, 440)}
    found = [factories.evaluation_of(pairs, week=week, track=Track.SAFETY) for week, pairs in weeks.items()]
    trained = factories.trained_reward_model(Track.SAFETY, base="/1", evaluations=found)
    models = {"waiting": waiting, "in training": training, "trained": trained}
    return {
        "reward models": get(boss, "/rewards/"),
        **{f"a reward model {word}": get(boss, f"/rewards/{model.pk}/") for word, model in models.items()},
    }
