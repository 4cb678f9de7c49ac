"""How often gold pauses somebody by chance, and how soon it finds who deserves a look: computed exactly."""

from __future__ import annotations

import pytest

from annotation import gold


def paused_within(accuracy: float, bar: float, judged: int) -> float:
    """The chance that a person of this true accuracy falls below the bar at one of so many looks, one after each."""
    alive, paused = {0: 1.0}, 0.0
    for number in range(1, judged + 1):
        reached: dict[int, float] = {}
        for right, chance in alive.items():
            reached[right] = reached.get(right, 0.0) + chance * (1 - accuracy)
            reached[right + 1] = reached.get(right + 1, 0.0) + chance * accuracy
        alive = {}
        for right, chance in reached.items():
            if gold.score([1] * right + [0] * (number - right)).misses(bar):
                paused += chance
            else:
                alive[right] = chance
    return paused


@pytest.mark.parametrize(
    ("accuracy", "rates"),  # the table of docs/statistics.md: after 10, 20 and 50 gold comparisons, at a bar of 70 %
    [
        (0.9, (0.001, 0.001, 0.001)),
        (0.8, (0.010, 0.010, 0.010)),
        (0.7, (0.040, 0.050, 0.065)),
        (0.6, (0.115, 0.180, 0.341)),
        (0.5, (0.261, 0.442, 0.802)),
    ],
)
def test_the_rates_are_those_of_the_documentation(accuracy: float, rates: tuple[float, ...]) -> None:
    for judged, rate in zip((10, 20, 50), rates, strict=True):
        assert paused_within(accuracy, 0.7, judged) == pytest.approx(rate, abs=0.0006)
