from math import comb, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from preferences.stats import share_so_far, wilson, win_rate_so_far
from preferences.stats.paired import half_points
from preferences.stats.sequential import Capital

from .reference import known


def test_the_share_is_robbins_mixture_with_jeffreys_prior() -> None:
    interval = share_so_far(30, 80)
    for limit in (known(interval.low), known(interval.high)):
        mixture = special.betaln(30.5, 50.5) - special.betaln(0.5, 0.5)
        assert mixture - 30 * log(limit) - 50 * log(1 - limit) == pytest.approx(log(20))


@pytest.mark.parametrize(("wins", "ties", "losses"), [(3, 2, 5), (0, 4, 1), (6, 0, 2), (0, 3, 0)])
@pytest.mark.parametrize("m", [0.2, 0.5, 0.9])
def test_the_capital_is_the_mean_over_all_stakes(wins, ties, losses, m) -> None:
    def capital(b: float) -> float:
        up, down = b / m, (1 - b) / (1 - m)
        return float(up**wins * ((up + down) / 2) ** ties * down**losses * stats.beta.pdf(b, 0.5, 0.5))

    expected, _ = integrate.quad(capital, 0, 1, limit=200)
    assert np.exp(Capital(wins, ties, losses)(m)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("chances", [(0.3, 0.3, 0.4), (0.9, 0.1, 0), (0.05, 0.9, 0.05)])
def test_at_the_true_mean_the_expected_capital_stays_one(chances) -> None:
    truth, n = chances[0] + chances[1] / 2, 7
    expected = 0.0
    for w in range(n + 1):
        for t in range(n + 1 - w):
            lost = n - w - t
            likely = comb(n, w) * comb(n - w, t) * chances[0] ** w * chances[1] ** t * chances[2] ** lost
            expected += likely * np.exp(Capital(w, t, lost)(truth))
    assert expected == pytest.approx(1)


@given(wins=st.integers(0, 60), ties=st.integers(0, 60), losses=st.integers(0, 60), confidence=st.floats(0.5, 0.99))
@settings(deadline=None, max_examples=50)
def test_the_limits_are_where_the_capital_reaches_one_in_alpha(wins, ties, losses, confidence) -> None:
    interval = win_rate_so_far(wins, ties, losses, confidence=confidence)
    if interval.value is None:
        assert wins + ties + losses == 0
        return
    low, high = known(interval.low), known(interval.high)
    assert 0 <= low <= interval.value <= high <= 1
    assert (low == 0) == (wins + ties == 0)
    assert (high == 1) == (losses + ties == 0)
    for limit in {low, high} - {0.0, 1.0}:
        assert Capital(wins, ties, losses)(limit) == pytest.approx(-log(1 - confidence), abs=1e-6)


def test_it_is_wider_than_an_interval_for_one_look_and_narrower_with_ties() -> None:
    watched, once = win_rate_so_far(360, 310, 330), half_points(360, 330, 1000)
    assert known(watched.low) < known(once.low) < known(once.high) < known(watched.high)
    assert known(watched.high) - known(watched.low) < 2 * (known(once.high) - known(once.low))
    without = win_rate_so_far(515, 0, 485)
    assert known(watched.high) - known(watched.low) < 0.9 * (known(without.high) - known(without.low))


def test_watched_all_the_time_it_misses_the_truth_in_no_more_studies_than_it_says() -> None:
    rng, truth, studies, looks = np.random.default_rng(51), 0.4, 2000, 1000
    wins = np.cumsum(rng.random((studies, looks)) < truth, axis=1)
    n = np.arange(1, looks + 1)
    capital = special.betaln(wins + 0.5, n - wins + 0.5) - special.betaln(0.5, 0.5)
    capital -= wins * log(truth) + (n - wins) * log(1 - truth)
    missed = (capital >= log(20)).any(axis=1).mean()
    assert 0.005 < missed <= 0.05
    often = [k for k in range(10, looks, 10) if not _wilson_holds(wins[:200, k], k + 1, truth).all()]
    assert often, "An interval meant for one look must miss somewhere, or this test compares nothing."
    held = np.array([_wilson_holds(wins[:, k], k + 1, truth) for k in range(10, looks, 50)])
    assert (~held.all(axis=0)).mean() > 0.15


def _wilson_holds(wins, n: int, truth: float):  # noqa: ANN202
    limits = {k: wilson(int(k), n) for k in np.unique(wins)}
    return np.array([known(limits[k].low) <= truth <= known(limits[k].high) for k in wins])


def test_it_is_fast_and_exact_on_as_many_ties_as_a_large_study_has() -> None:
    interval = win_rate_so_far(36_000, 31_000, 33_000)
    assert known(interval.high) - known(interval.low) == pytest.approx(0.0109, abs=2e-4)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        win_rate_so_far(1, -1, 2)
    with pytest.raises(ValueError, match="Successes must lie between"):
        share_so_far(5, 4)
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        share_so_far(1, 4, confidence=95)
