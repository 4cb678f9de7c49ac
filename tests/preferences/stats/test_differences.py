import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import newcombe, newcombe_paired, wilson, win_rate

from .reference import known

# (successes, n, other's successes, other's n) and the limits that Newcombe (1998, Table II, method 10) prints.
PRINTED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
]


@pytest.mark.parametrize(("numbers", "limits"), PRINTED)
def test_independent_groups_have_newcombes_printed_limits(numbers, limits) -> None:
    interval = newcombe(*numbers)
    assert (interval.low, interval.high) == (pytest.approx(limits[0], abs=5e-5), pytest.approx(limits[1], abs=5e-5))


def test_a_paired_table_has_newcombes_printed_limits() -> None:
    interval = newcombe_paired(36, 12, 2, 0)
    assert interval.value == pytest.approx(0.2)
    assert interval.low == pytest.approx(0.0569, abs=5e-5)
    assert interval.high == pytest.approx(0.3404, abs=5e-5)


def test_pairs_that_go_together_are_known_better_than_different_prompts() -> None:
    paired, apart = newcombe_paired(300, 40, 20, 640), newcombe(340, 1000, 320, 1000)
    assert paired.value == pytest.approx(apart.value)
    assert known(paired.high) - known(paired.low) < 0.5 * (known(apart.high) - known(apart.low))


@given(cells=st.lists(st.integers(0, 50), min_size=4, max_size=4))
@settings(deadline=None)
def test_swapping_the_systems_turns_the_interval_around(cells) -> None:
    both, one, other, neither = cells
    interval, turned = newcombe_paired(both, one, other, neither), newcombe_paired(both, other, one, neither)
    if interval.value is None:
        assert (turned.low, turned.high) == (None, None)
    else:
        assert -1 <= known(interval.low) <= interval.value + 1e-12
        assert interval.value - 1e-12 <= known(interval.high) <= 1
        assert known(interval.low) == pytest.approx(-known(turned.high), abs=1e-12)


@given(wins=st.integers(0, 300), losses=st.integers(0, 300), confidence=st.floats(0.5, 0.999))
@settings(deadline=None)
def test_a_win_rate_without_ties_has_wilsons_interval(wins, losses, confidence) -> None:
    ours, wilsons = win_rate(wins, 0, losses, confidence=confidence), wilson(wins, wins + losses, confidence)
    if wins + losses == 0:
        assert (ours.value, ours.low, ours.high) == (None, None, None)
    else:
        assert ours.value == pytest.approx(wilsons.value)
        assert ours.low == pytest.approx(wilsons.low, abs=1e-9)
        assert ours.high == pytest.approx(wilsons.high, abs=1e-9)


def test_a_win_rate_with_ties_is_known_better_than_one_without() -> None:
    ties, none = win_rate(30, 40, 30), win_rate(50, 0, 50)
    assert ties.value == none.value == 0.5
    assert known(ties.high) < known(none.high)


@pytest.mark.parametrize("chances", [(0.36, 0.31, 0.33), (0.5, 0.1, 0.4), (0.76, 0.15, 0.09), (0.02, 0.95, 0.03)])
def test_the_win_rate_covers_the_truth_about_as_often_as_it_says(chances) -> None:
    truth = chances[0] + chances[1] / 2
    table, times = np.unique(np.random.default_rng(41).multinomial(150, chances, size=3000), axis=0, return_counts=True)
    intervals = [win_rate(*row) for row in table]
    hit = np.array([known(interval.low) <= truth <= known(interval.high) for interval in intervals])
    assert times @ hit / 3000 == pytest.approx(0.95, abs=0.02)


def test_nothing_rated_has_no_difference() -> None:
    for interval in (newcombe(0, 0, 3, 4), newcombe(3, 4, 0, 0), newcombe_paired(0, 0, 0, 0), win_rate(0, 0, 0)):
        assert (interval.value, interval.low, interval.high) == (None, None, None)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        newcombe_paired(1, -1, 2, 3)
    with pytest.raises(ValueError, match="must not be negative"):
        win_rate(1, float("nan"), 2)
    with pytest.raises(ValueError, match="Successes must lie between"):
        newcombe(5, 4, 1, 4)
