"""Reward models in each of their states, as managers see them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from exports import actions as exports
from preferences.choices import Track
from preferences.models import Campaign
from tests import factories
from workers.models import RewardModel
from workers.rewards import actions

UNBROKEN = "x" * 120


def rewards(campaign: Campaign) -> list[str]:
    judged = factories.judged_comparison(campaign, text=f"Why {UNBROKEN}?")
    exports.write(export=factories.export(factories.batch(campaign)), out=Path(tempfile.mkdtemp()) / "out")
    waiting, training, failed = (factories.reward_model(base=f"/models/{UNBROKEN}", seed=seed) for seed in range(3))
    holder = actions.take(model=training)
    assert holder is not None
    actions.note(model=training, holder=holder, progress={"step": 30, "steps": 120, "loss": 0.5})
    holder = actions.take(model=failed)
    assert holder is not None
    actions.fail(model=failed, holder=holder, reason=f"There is no config.json in /models/{UNBROKEN}.")
    trained = [_trained(track, str(judged.key), seed) for track in Track for seed in (10, 11)]
    nothing = factories.trained_reward_model(evaluations=[], seed=12)
    return ["/rewards/", *(f"/rewards/{one.pk}/" for one in (waiting, training, failed, *trained[1::2], nothing))]


def _trained(track: Track, comparison: str, seed: int) -> RewardModel:
    """Measured on three batches of both tracks, and worse on the last."""
    weeks = {"2026-W46": 240, "2026-W47": 290, "2026-W48": 210}
    found = []
    for week, right in weeks.items():
        for of in Track:
            pairs = factories.scored_pairs(
                right - 20 * (seed - 10), 400 - right, comparisons=[comparison], safety=of == Track.SAFETY
            )
            found.append(factories.evaluation_of(pairs, week=week, track=of))
    return factories.trained_reward_model(track, evaluations=found, seed=seed)
