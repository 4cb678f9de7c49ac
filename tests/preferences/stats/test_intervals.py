import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import bootstrap_mean, clopper_pearson, newcombe, wilson

from .reference import known

NOTHING = (None, None, None)


@given(n=st.integers(1, 5000), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
@settings(deadline=None)
def test_wilson_gives_the_limits_of_scipy(n, share, confidence) -> None:
    successes = round(share * n)
    ours = wilson(successes, n, confidence)
    golden = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    assert ours.value == successes / n
    assert ours.low == pytest.approx(golden.low, abs=1e-12)
    assert ours.high == pytest.approx(golden.high, abs=1e-12)


def test_wilson_reproduces_a_textbook_interval() -> None:
    interval = wilson(81, 263)
    assert interval.low == pytest.approx(0.2553, abs=5e-5)
    assert interval.high == pytest.approx(0.3662, abs=5e-5)


def test_wilson_touches_0_and_1_exactly() -> None:
    for n in (1, 5, 7, 10, 17, 20):
        assert wilson(0, n).low == 0
        assert wilson(n, n).high == 1


@given(n=st.integers(1, 5000), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
@settings(deadline=None)
def test_clopper_and_pearson_have_the_limits_of_scipy(n, share, confidence) -> None:
    successes = round(share * n)
    ours = clopper_pearson(successes, n, confidence)
    golden = stats.binomtest(successes, n).proportion_ci(confidence, method="exact")
    assert ours.value == successes / n
    assert ours.low == pytest.approx(golden.low, abs=1e-12)
    assert ours.high == pytest.approx(golden.high, abs=1e-12)


@pytest.mark.parametrize("p", [0.004, 0.04, 0.5])
def test_clopper_and_pearson_never_cover_less_often_than_they_say(p) -> None:
    n = 200
    hit = [known(i.low) <= p <= known(i.high) for i in (clopper_pearson(k, n) for k in range(n + 1))]
    assert stats.binom.pmf(np.arange(n + 1), n, p) @ hit >= 0.95


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


def test_a_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    one, other, n = 0.08, 0.03, 120
    chances = np.outer(stats.binom.pmf(np.arange(n + 1), n, one), stats.binom.pmf(np.arange(n + 1), n, other))
    likely = np.argwhere(chances > 1e-6)
    intervals = [newcombe(int(a), n, int(b), n) for a, b in likely]
    hit = [known(interval.low) <= one - other <= known(interval.high) for interval in intervals]
    assert chances[tuple(likely.T)] @ hit == pytest.approx(0.95, abs=0.02)


def test_swapping_the_groups_turns_the_difference_around() -> None:
    interval, turned = newcombe(9, 10, 3, 20), newcombe(3, 20, 9, 10)
    assert (interval.value, interval.low, interval.high) == (
        -known(turned.value),
        -known(turned.high),
        -known(turned.low),
    )


def test_a_group_without_observations_leaves_no_difference() -> None:
    for interval in (newcombe(0, 0, 3, 4), newcombe(3, 4, 0, 0)):
        assert (interval.value, interval.low, interval.high) == NOTHING


def test_wilson_takes_a_tie_as_half_a_success() -> None:
    assert known(wilson(2, 10).low) < known(wilson(2.5, 10).low) < known(wilson(3, 10).low)
    assert wilson(2.5, 10).value == 0.25


def test_without_observations_there_is_no_interval() -> None:
    for interval in (wilson(0, 0), clopper_pearson(0, 0), bootstrap_mean([], rng=np.random.default_rng(1))):
        assert (interval.value, interval.low, interval.high) == NOTHING


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1), (float("nan"), 5)])
@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_shares_refuse_impossible_counts(interval, successes, n) -> None:
    with pytest.raises(ValueError, match="Successes must lie between 0"):
        interval(successes, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_intervals_refuse_a_confidence_that_is_no_probability(confidence) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        wilson(1, 2, confidence)
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        bootstrap_mean([1, 2], rng=np.random.default_rng(1), confidence=confidence)


@pytest.mark.parametrize("p", [0.1, 0.36, 0.5])
def test_wilson_covers_the_true_share_about_as_often_as_it_says(p) -> None:
    n = 300
    hit = [known(interval.low) <= p <= known(interval.high) for interval in (wilson(k, n) for k in range(n + 1))]
    coverage = stats.binom.pmf(np.arange(n + 1), n, p) @ hit
    assert coverage == pytest.approx(0.95, abs=0.015)


def test_the_bootstrap_gives_the_same_interval_for_the_same_seed() -> None:
    values = np.random.default_rng(2).normal(size=40)
    one, other, third = (bootstrap_mean(values, rng=np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one == other
    assert one != third


def test_the_bootstrap_agrees_with_normal_theory_on_a_large_sample() -> None:
    values = np.random.default_rng(5).normal(10, 2, 1000)
    interval = bootstrap_mean(values, rng=np.random.default_rng(6), resamples=4000)
    reach = 1.96 * values.std() / np.sqrt(1000)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - reach, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + reach, abs=0.02)


def test_the_bootstrap_draws_every_resample_also_when_it_works_in_blocks(monkeypatch) -> None:
    monkeypatch.setattr("preferences.stats.intervals.BLOCK_CELLS", 10)
    interval = bootstrap_mean([0, 1] * 50, rng=np.random.default_rng(7), resamples=1001)
    assert interval.low == pytest.approx(0.4, abs=0.03)
    assert interval.high == pytest.approx(0.6, abs=0.03)


def test_the_bootstrap_of_equal_values_has_no_width() -> None:
    interval = bootstrap_mean([3, 3, 3], rng=np.random.default_rng(8))
    assert (interval.value, interval.low, interval.high) == (3, 3, 3)


@pytest.mark.parametrize("values", [[[1, 2]], [1, float("nan")], [float("inf")]])
def test_the_bootstrap_refuses_what_is_no_list_of_numbers(values) -> None:
    with pytest.raises(ValueError, match="flat list of finite numbers"):
        bootstrap_mean(values, rng=np.random.default_rng(9))
