from itertools import groupby, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import entropy, longest_run

from .reference import known

COUNTS = st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(any)


@given(counts=COUNTS)
@settings(deadline=None)
def test_the_entropy_is_that_of_scipy_as_a_share_of_the_most(counts) -> None:
    ours = entropy(counts)
    assert ours.value == pytest.approx(stats.entropy(counts) / np.log(len(counts)), abs=1e-12)
    assert 0 <= known(ours.low) <= known(ours.value) + 1e-12
    assert known(ours.value) - 1e-12 <= known(ours.high) <= 1


def test_the_interval_covers_the_true_entropy_about_as_often_as_it_says() -> None:
    rng, p = np.random.default_rng(3), np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
    true = stats.entropy(p) / np.log(6)
    found = [entropy(rng.multinomial(300, p)) for _ in range(2000)]
    covered = np.mean([known(interval.low) <= true <= known(interval.high) for interval in found])
    assert covered == pytest.approx(0.94, abs=0.02)


def test_one_category_only_has_no_entropy_but_an_interval() -> None:
    constant = entropy([40, 0, 0, 0, 0, 0, 0, 0], at_least=0.5)
    assert constant.value == 0
    assert 0 < known(constant.high) < 0.15
    assert known(constant.p) < 1e-6
    assert known(entropy([5, 5, 5, 5, 5, 5, 5, 5], at_least=0.5).p) > 0.999
    assert entropy([50, 50], at_least=0.5).p == 1


def test_no_ratings_and_no_scale_have_no_entropy() -> None:
    for nothing in (entropy([0, 0]), entropy([3]), longest_run([])):
        assert (nothing.value, nothing.p) == (None, None)


@pytest.mark.parametrize("counts", [[-1, 2], [[1, 2]]])
def test_counts_that_are_none_are_refused(counts) -> None:
    with pytest.raises(ValueError, match="Counts are a flat list"):
        entropy(counts)


def longest(order) -> int:
    return max(len(list(run)) for _, run in groupby(order))


@pytest.mark.parametrize("ratings", [[0, 0, 0, 1, 1, 2], [0, 0, 0, 0, 1, 2], [0, 1, 2, 2, 1, 0], [0, 0, 1, 1, 1, 1, 1]])
def test_the_p_value_of_a_run_is_the_expected_number_over_every_order(ratings) -> None:
    ours = longest_run(ratings)
    assert ours.value == longest(ratings)
    orders = list(permutations(ratings))
    runs = [[len(list(run)) for _, run in groupby(order)] for order in orders]
    expected = np.mean([sum(length >= longest(ratings) for length in lengths) for lengths in runs])
    assert ours.p == pytest.approx(min(1, expected))
    assert known(ours.p) >= np.mean([longest(order) >= longest(ratings) for order in orders]) - 1e-12


def test_a_block_of_the_same_place_is_surprising_and_all_the_same_is_not() -> None:
    rng = np.random.default_rng(4)
    mixed = rng.integers(0, 8, 80)
    assert known(longest_run(np.concatenate([mixed, np.full(20, 3)])).p) < 1e-9
    assert known(longest_run(mixed).p) > 0.01
    assert longest_run([3] * 50).p == pytest.approx(1)


def test_random_orders_are_called_surprising_at_most_as_often_as_said() -> None:
    rng = np.random.default_rng(5)
    p = np.array(
        [known(longest_run(rng.choice(8, 100, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02])).p) for _ in range(2000)]
    )
    for alpha in (0.2, 0.05, 0.01):
        assert np.mean(p <= alpha) <= alpha + 3 * np.sqrt(alpha / 2000)


def test_ratings_that_are_no_flat_list_are_refused() -> None:
    with pytest.raises(ValueError, match="flat list"):
        longest_run([[1, 2]])
