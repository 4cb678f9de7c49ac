from __future__ import annotations

import numpy as np

from preferences.agreement import Line, pairs_of
from preferences.stats.gwet import ac2
from preferences.stats.tables import RatingPatterns
from preferences.weak_parts import compared


def line(name: str, *, alike: float, units: int = 100, seed: int = 1) -> Line:
    """Three raters on eight places; of the comparisons, the share `alike` has them all on one place."""
    rng = np.random.default_rng(seed)
    unanimous = rng.random(units) < alike
    places = rng.integers(0, 8, size=(units, 3))
    places[unanimous] = places[unanimous][:, :1]
    patterns = RatingPatterns.from_ratings(places, q=8)
    return Line(name, name, ac2(patterns), pairs_of(patterns), patterns)


def test_what_agrees_less_than_the_rest_by_more_than_chance_is_weak_and_comes_first() -> None:
    lines = [line("good", alike=0.8, seed=1), line("bad", alike=0.3, seed=2), line("also good", alike=0.8, seed=3)]
    found = compared(lines)
    assert found[0].line.label == "bad"
    assert [part.line.label for part in found if part.is_weak] == ["bad"]


def test_a_part_of_few_comparisons_is_never_called_weak() -> None:
    lines = [line("good", alike=0.9), line("few", alike=0.0, units=19, seed=2)]
    found = compared(lines)
    assert [(part.line.label, part.p) for part in found] == [("few", None), ("good", None)]


def test_parts_that_are_alike_are_seldom_called_weak() -> None:
    called = 0
    for seed in range(200):
        lines = [line(str(place), alike=0.6, units=60, seed=10 * seed + place) for place in range(5)]
        called += any(part.is_weak for part in compared(lines))
    assert called / 200 <= 0.085  # 5%, with what chance adds to 200 tables


def test_one_part_alone_has_no_rest() -> None:
    (part,) = compared([line("only", alike=0.5)])
    assert part.p is None and not part.is_weak
