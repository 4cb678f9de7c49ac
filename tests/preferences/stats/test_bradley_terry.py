import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from preferences.stats import bradley_terry
from preferences.stats.arrays import FloatArray


def simulated(strengths: ArrayLike, games: int, rng: np.random.Generator) -> FloatArray:
    """Wins of a round robin with this many games for each pair."""
    s = np.asarray(strengths)
    k = len(s)
    wins = np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1, k):
            wins[i, j] = rng.binomial(games, 1 / (1 + np.exp(s[j] - s[i])))
            wins[j, i] = games - wins[i, j]
    return wins


def minorised(wins: FloatArray, rounds: int = 5000) -> FloatArray:
    """The MM iteration (Hunter 2004, Annals of Statistics 32), slow and sure: strengths with mean zero."""
    gamma, games = np.ones(len(wins)), wins + wins.T
    for _ in range(rounds):
        gamma = wins.sum(axis=1) / (games / (gamma[:, None] + gamma[None, :])).sum(axis=1)
        gamma /= np.exp(np.log(gamma).mean())
    return np.asarray(np.log(gamma))


@given(a=st.integers(1, 10**6), b=st.integers(1, 10**6))
@settings(deadline=None)
def test_two_competitors_have_the_closed_form(a, b) -> None:
    fitted = bradley_terry.fit([[0, a], [b, 0]])
    half = np.log(a / b) / 2
    np.testing.assert_allclose(fitted.log_strengths, [half, -half], atol=1e-9)
    np.testing.assert_allclose(fitted.se, np.sqrt(1 / a + 1 / b) / 2, rtol=1e-6)


def test_it_finds_simulated_strengths_within_their_standard_errors() -> None:
    truth = np.array([1.2, 0.4, 0.0, -0.5, -1.1])
    fitted = bradley_terry.fit(simulated(truth, 2000, np.random.default_rng(11)))
    assert np.abs((fitted.log_strengths - truth) / fitted.se).max() < 3.5
    assert fitted.se.max() < 0.05


def test_its_standard_errors_are_the_spread_of_repeated_fits() -> None:
    rng, truth = np.random.default_rng(12), np.array([0.8, 0.1, -0.2, -0.7])
    fits = [bradley_terry.fit(simulated(truth, 60, rng)) for _ in range(400)]
    spread = np.std([fitted.log_strengths for fitted in fits], axis=0)
    np.testing.assert_allclose(np.mean([fitted.se for fitted in fits], axis=0), spread, rtol=0.15)


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 5))
@settings(deadline=None, max_examples=25)
def test_it_agrees_with_the_mm_iteration(seed, k) -> None:
    wins = np.random.default_rng(seed).integers(1, 30, (k, k)) * (1 - np.eye(k))
    np.testing.assert_allclose(bradley_terry.fit(wins).log_strengths, minorised(wins), atol=1e-7)


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 6))
@settings(deadline=None, max_examples=40)
def test_expected_wins_equal_observed_wins_and_the_mean_is_zero(seed, k) -> None:
    rng = np.random.default_rng(seed)
    wins = rng.integers(0, 4, (k, k)) * (1 - np.eye(k)) + np.roll(np.eye(k), 1, axis=1)
    s = bradley_terry.fit(wins).log_strengths
    expected = (wins + wins.T) / (1 + np.exp(s[None, :] - s[:, None]))
    np.testing.assert_allclose(expected.sum(axis=1) - np.diagonal(expected), wins.sum(axis=1), atol=1e-8)
    assert abs(s.sum()) < 1e-9


def test_the_covariance_is_the_pseudo_inverse_of_the_information() -> None:
    wins = np.array([[0, 8, 1], [3, 0, 5], [2, 2, 0]])
    fitted = bradley_terry.fit(wins)
    p = 1 / (1 + np.exp(fitted.log_strengths[None, :] - fitted.log_strengths[:, None]))
    links = (wins + wins.T) * p * (1 - p)
    information = np.diag(links.sum(axis=1)) - links
    np.testing.assert_allclose(fitted.covariance, np.linalg.pinv(information), atol=1e-10)
    np.testing.assert_allclose(fitted.se**2, np.diagonal(fitted.covariance))


def test_the_order_of_competitors_does_not_matter() -> None:
    wins, order = simulated([1, 0, -1, 0.3], 50, np.random.default_rng(13)), [2, 0, 3, 1]
    one, other = bradley_terry.fit(wins), bradley_terry.fit(wins[np.ix_(order, order)])
    np.testing.assert_allclose(other.log_strengths, one.log_strengths[order], atol=1e-9)
    np.testing.assert_allclose(other.se, one.se[order], atol=1e-9)


def test_four_times_the_games_halve_the_standard_errors() -> None:
    wins = simulated([1, 0, -1], 50, np.random.default_rng(14))
    one, other = bradley_terry.fit(wins), bradley_terry.fit(4 * wins)
    np.testing.assert_allclose(other.log_strengths, one.log_strengths, atol=1e-9)
    np.testing.assert_allclose(other.se, one.se / 2)


def test_ties_as_half_wins_pull_two_competitors_together() -> None:
    without, with_ties = bradley_terry.fit([[0, 8], [2, 0]]), bradley_terry.fit([[0, 13], [7, 0]])
    assert 0 < with_ties.log_strengths[0] < without.log_strengths[0]


def test_a_lopsided_record_is_still_solved() -> None:
    fitted = bradley_terry.fit([[0, 1e9], [0.5, 0]])
    assert fitted.log_strengths[0] == pytest.approx(np.log(2e9) / 2)


def test_a_circle_where_full_newton_steps_run_away_is_still_solved() -> None:
    wins = [[0, 0, 0, 0, 78], [0, 0, 1, 0, 0], [165, 225, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 89, 0]]
    s = bradley_terry.fit(wins).log_strengths
    games = np.add(wins, np.transpose(wins))
    expected = games / (1 + np.exp(s[None, :] - s[:, None]))
    np.testing.assert_allclose(expected.sum(axis=1), np.sum(wins, axis=1), atol=1e-8)


def test_a_lone_competitor_has_strength_zero() -> None:
    fitted = bradley_terry.fit([[0]])
    assert (fitted.log_strengths.tolist(), fitted.se.tolist()) == ([0], [0])


@pytest.mark.parametrize(
    "wins",
    [
        [[0, 5], [0, 0]],  # never beaten
        [[0, 0], [0, 0]],  # never met
        [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],  # two leagues
        [[0, 1, 9, 9], [1, 0, 9, 9], [0, 0, 0, 1], [0, 0, 1, 0]],  # one league always loses
    ],
)
def test_wins_without_a_finite_solution_are_refused(wins) -> None:
    assert not bradley_terry.connected(wins)
    with pytest.raises(ValueError, match="no finite Bradley-Terry solution"):
        bradley_terry.fit(wins)


def test_a_circle_of_wins_is_connected() -> None:
    wins = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert bradley_terry.connected(wins)
    np.testing.assert_allclose(bradley_terry.fit(wins).log_strengths, 0, atol=1e-12)


def test_a_fit_that_runs_out_of_steps_says_so() -> None:
    with pytest.raises(ValueError, match="did not settle within 1 steps"):
        bradley_terry.fit([[0, 9], [1, 0]], max_steps=1)


@pytest.mark.parametrize(
    ("wins", "sentence"),
    [
        ([[0, 1, 2], [1, 0, 2]], "square table"),
        ([], "square table"),
        ([[0, -1], [1, 0]], "finite and not negative"),
        ([[0, float("nan")], [1, 0]], "finite and not negative"),
        ([[1, 1], [1, 0]], "against themselves"),
    ],
)
def test_malformed_wins_are_refused_with_a_sentence(wins, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        bradley_terry.fit(wins)
