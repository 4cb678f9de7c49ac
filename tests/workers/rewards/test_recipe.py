from __future__ import annotations

import pytest

from preferences.choices import Track
from workers.rewards.errors import RewardError
from workers.rewards.recipe import Recipe, rate


def test_the_defaults_are_the_papers() -> None:
    recipe = Recipe(track=Track.HELPFULNESS)
    assert (recipe.epochs, recipe.pairs_per_step) == (1, 512)
    assert recipe.peak(7_000_000_000) == recipe.peak(34_000_000_000) == 1e-5
    assert recipe.peak(70_000_000_000) == 5e-6
    assert (recipe.safety_weight, Recipe(track=Track.SAFETY).safety_weight) == (0.0, 1.0)


def test_the_rate_warms_up_over_three_percent_and_ends_at_a_tenth() -> None:
    rates = [rate(step, 1000) for step in range(1000)]
    assert rates[:30] == pytest.approx([(step + 1) / 30 for step in range(30)])
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)
    assert rates[514] == pytest.approx(0.55, abs=0.001)  # half of the cosine


def test_the_warm_up_takes_five_steps_at_least() -> None:
    assert [rate(step, 20) for step in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rate(19, 20) == pytest.approx(0.1)


def test_a_training_of_one_step_learns() -> None:
    assert rate(0, 1) == 1.0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"track": "speed"}, "There is no track “speed”"),
        ({"margin": "huge"}, "There is no margin “huge”"),
        ({"epochs": 0}, "epochs is a whole number from 1 up"),
        ({"learning_rate": float("nan")}, "learning_rate is a number from 0 up"),
        ({"safety_loss": -1.0}, "safety_loss is a number from 0 up"),
        ({"pairs_per_step": 20, "pairs_at_once": 8}, "make pairs_per_step a multiple"),
    ],
    ids=["track", "margin", "epochs", "rate", "safety loss", "passes"],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(RewardError, match=sentence):
        Recipe(**{"track": Track.SAFETY, **changes})  # type: ignore[arg-type]
