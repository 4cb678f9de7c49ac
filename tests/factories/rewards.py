from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import factory
from factory.django import DjangoModelFactory

from preferences.choices import Degree, Track
from workers.models import RewardEvaluation, RewardModel
from workers.rewards import actions
from workers.rewards.disagreement import disagreements
from workers.rewards.evaluation import ScoredPair, count
from workers.rewards.recipe import Recipe


class RewardModelFactory(DjangoModelFactory[RewardModel]):
    class Meta:
        model = RewardModel

    track = Track.HELPFULNESS
    base = "var/models/tiny/late"
    datasets = ["var/exports/somewhere"]
    margin = "small"
    recipe = factory.LazyAttribute(lambda model: Recipe(track=model.track, margin=model.margin).as_json())
    location = factory.Sequence(lambda n: f"var/rewards/{n}")


class RewardEvaluationFactory(DjangoModelFactory[RewardEvaluation]):
    class Meta:
        model = RewardEvaluation

    model = factory.SubFactory(RewardModelFactory)
    batch = "2026-W48"
    week = "2026-W48"
    batch_sha256 = factory.Sequence(lambda n: f"{n:064d}")
    track = Track.HELPFULNESS
    too_long = 0
    counts = factory.LazyFunction(lambda: count([]).as_json())
    disagreements: list[Any] = []


def reward_model(track: str = Track.HELPFULNESS, **settings: Any) -> RewardModel:
    """A reward model that waits for a worker."""
    base, datasets = settings.pop("base", "var/models/tiny/late"), settings.pop("datasets", ["var/exports/somewhere"])
    return actions.request(base=base, datasets=datasets, recipe=Recipe(track=track, **settings), by=None)


def report(model: RewardModel, evaluations: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """What training writes."""
    return {
        "track": model.track,
        "base": {"location": model.base, "weights_sha256": "b" * 64},
        "recipe": model.recipe,
        "learning_rate": 1e-5,
        "safety_weight": 1.0,
        "max_length": 4096,
        "pairs_at_once": 8,
        "parameters": 7_000_000_000,
        "pairs": {"own": 900, "others": 100, "too_long": 3},
        "losses": [0.7, 0.6],
        "datasets": [{"batch": "2026-W48", "week": "2026-W48", "batch_sha256": "c" * 64, "manifest_sha256": "d" * 64}],
        "weights_sha256": "a" * 64,
        "versions": {"torch": "2.13.0", "transformers": "5.23.0", "trl": "1.16.0", "accelerate": "1.15.0"},
        "evaluations": list(evaluations),
        "seconds": 3600.0,
    }


def scored_pairs(right: int, wrong: int, *, comparisons: Sequence[str] = (), safety: bool = False) -> list[ScoredPair]:
    """Held-out pairs of every degree, of which the model has so many right and so many wrong."""
    degrees, safe = Degree.values, (True, False) if safety else (None, None)
    return [
        ScoredPair(
            comparisons[n] if n < len(comparisons) else f"comparison {n}",
            degrees[n % len(degrees)],
            *((1.5, -1.0 + n % 3 / 4) if n >= wrong else (-1.0 - n % 5 / 4, 0.5)),
            *safe,
            votes_for=2,
            votes_against=1,
        )
        for n in range(right + wrong)
    ]


def evaluation_of(
    pairs: Sequence[ScoredPair], *, week: str = "2026-W48", track: str = Track.HELPFULNESS
) -> dict[str, Any]:
    return {
        "batch": week,
        "week": week,
        "batch_sha256": f"{int(week[-2:]):064d}",
        "track": track,
        "too_long": 1,
        "counts": count(pairs).as_json(),
        "disagreements": [one.as_json() for one in disagreements(pairs)],
    }


def trained_reward_model(
    track: str = Track.HELPFULNESS, *, evaluations: Sequence[dict[str, Any]] | None = None, **settings: Any
) -> RewardModel:
    """A trained reward model with its evaluations, by the real actions and without a training."""
    model = reward_model(track, **settings)
    holder = actions.take(model=model)
    assert holder is not None
    found = [evaluation_of(scored_pairs(60, 40, safety=track == Track.SAFETY), track=track)]
    assert actions.finish(
        model=model, holder=holder, report=report(model, found if evaluations is None else evaluations)
    )
    return model
