from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from preferences.stats import bradley_terry
from preferences.stats.arrays import FloatArray, IntArray

from .reference import known

TRUTH = np.array([0.7, 0.1, -0.2, -0.6])


@dataclass(frozen=True)
class Rows:
    first: IntArray
    second: IntArray
    outcome: IntArray
    covariates: FloatArray


def simulated(
    n: int, rng: np.random.Generator, *, tie: float = 0.5, effects=(0.3, -0.4), dialogues: float = 0.0
) -> Rows:
    """Comparisons of four competitors by Davidson's model."""
    first = rng.integers(0, 4, n)
    second = (first + rng.integers(1, 4, n)) % 4
    covariates = np.column_stack([np.ones(n), rng.normal(size=n)])
    eta = TRUTH[first] - TRUTH[second] + covariates @ effects
    chances = np.exp(np.column_stack([-eta / 2, np.full(n, np.log(tie)) if tie else np.full(n, -np.inf), eta / 2]))
    chances /= chances.sum(axis=1, keepdims=True)
    outcome = (rng.random(n)[:, None] > chances.cumsum(axis=1)).sum(axis=1) - 1
    return Rows(first, second, outcome, covariates)


def fitted(rows: Rows, **options) -> bradley_terry.Strengths:
    return bradley_terry.fit_outcomes(rows.first, rows.second, rows.outcome, covariates=rows.covariates, **options)


@given(wins=st.integers(1, 1000), ties=st.integers(1, 1000), losses=st.integers(1, 1000))
@settings(deadline=None, max_examples=30)
def test_two_competitors_with_ties_have_the_closed_form(wins, ties, losses) -> None:
    found = bradley_terry.fit_outcomes([0, 0, 0], [1, 1, 1], [1, 0, -1], times=[wins, ties, losses])
    gap = found.difference(0, 1)
    assert gap.value == pytest.approx(np.log(wins / losses), abs=1e-8)
    assert found.log_tie == pytest.approx(np.log(ties / np.sqrt(wins * losses)), abs=1e-8)
    assert known(gap.high) - known(gap.value) == pytest.approx(1.959964 * np.sqrt(1 / wins + 1 / losses), rel=1e-5)
    assert found.win_rate(0, 1).value == pytest.approx((wins + ties / 2) / (wins + ties + losses), abs=1e-8)


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_without_ties_and_covariates_it_is_the_fit_of_the_table(seed) -> None:
    wins = np.random.default_rng(seed).integers(1, 9, (4, 4)) * (1 - np.eye(4, dtype=int))
    first, second = np.nonzero(wins)
    rows = bradley_terry.fit_outcomes(
        np.repeat(first, wins[first, second]),
        np.repeat(second, wins[first, second]),
        np.ones(wins.sum(), dtype=int),
    )
    table = bradley_terry.fit(wins)
    np.testing.assert_allclose(rows.log_strengths, table.log_strengths, atol=1e-8)
    np.testing.assert_allclose(rows.covariance, table.covariance, atol=1e-8)
    assert rows.log_tie is None


def test_it_finds_the_maximum_that_a_general_optimiser_finds() -> None:
    rows = simulated(400, np.random.default_rng(71))

    def loss(p: FloatArray) -> float:
        s = np.append(p[:3], -p[:3].sum())
        eta = s[rows.first] - s[rows.second] + rows.covariates @ p[3:5]
        said = np.where(rows.outcome == 0, p[5], rows.outcome * eta / 2)
        return float(-(said - np.log(np.exp(eta / 2) + np.exp(-eta / 2) + np.exp(p[5]))).sum())

    best = optimize.minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-6})
    found = fitted(rows)
    np.testing.assert_allclose(found.log_strengths[:3], best.x[:3], atol=1e-5)
    np.testing.assert_allclose(found.effects, best.x[3:5], atol=1e-5)
    assert found.log_tie == pytest.approx(best.x[5], abs=1e-5)
    steps = 1e-3 * np.eye(6)
    bend = [[loss(best.x + a + b) - loss(best.x + a - b) - loss(best.x - a + b) + loss(best.x - a - b) for a in steps]
            for b in steps]  # fmt: skip
    errors = np.sqrt(np.diagonal(np.linalg.inv(np.array(bend) / 4e-6)))
    np.testing.assert_allclose(np.append(found.effects_se, known(found.log_tie_se)), errors[3:], rtol=1e-4)
    np.testing.assert_allclose(found.se[:3], errors[:3], rtol=1e-4)


@pytest.mark.parametrize("tie", [0, 0.5])
def test_it_finds_strengths_effects_and_ties_within_its_standard_errors(tie) -> None:
    found = fitted(simulated(20_000, np.random.default_rng(72), tie=tie))
    assert np.abs((found.log_strengths - TRUTH) / found.se).max() < 3.5
    assert np.abs((found.effects - [0.3, -0.4]) / found.effects_se).max() < 3.5
    assert found.se.max() < 0.03
    if tie:
        assert abs(known(found.log_tie) - np.log(tie)) < 3.5 * known(found.log_tie_se)


def test_who_is_shown_first_more_often_is_not_stronger_for_it() -> None:
    rng = np.random.default_rng(73)
    rows = simulated(8000, rng, effects=(0.8, 0.0))
    # The strongest is now always the one on the right.
    is_turned = rows.first == 0
    kept = ~is_turned
    without = bradley_terry.fit_outcomes(rows.first[kept], rows.second[kept], rows.outcome[kept])
    with_side = bradley_terry.fit_outcomes(
        rows.first[kept], rows.second[kept], rows.outcome[kept], covariates=np.ones(kept.sum())
    )
    assert with_side.effects[0] == pytest.approx(0.8, abs=0.15)
    assert abs(with_side.log_strengths[0] - TRUTH[0]) < 3.5 * with_side.se[0]
    assert without.log_strengths[0] < TRUTH[0] - 3.5 * without.se[0]


def test_rows_that_stand_for_several_comparisons_are_these_comparisons() -> None:
    rows = simulated(120, np.random.default_rng(74))
    times = np.random.default_rng(75).integers(1, 4, 120)
    each = Rows(
        *(np.repeat(column, times, axis=0) for column in (rows.first, rows.second, rows.outcome, rows.covariates))
    )
    one, other = fitted(rows, times=times), fitted(each)
    np.testing.assert_allclose(one.log_strengths, other.log_strengths, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)
    clustered = fitted(rows, times=times, clusters=np.arange(120))
    same = fitted(each, clusters=np.repeat(np.arange(120), times))
    np.testing.assert_allclose(clustered.covariance, same.covariance, atol=1e-9)


def test_rows_repeated_within_a_cluster_add_nothing_to_what_is_known() -> None:
    rows = simulated(300, np.random.default_rng(76))
    once = fitted(rows, clusters=np.arange(300))
    thrice = fitted(rows, clusters=np.arange(300), times=np.full(300, 3))
    np.testing.assert_allclose(thrice.se, once.se, rtol=1e-7)
    assert (fitted(rows, times=np.full(300, 3)).se < 0.7 * once.se).all()


def test_the_clustered_variance_is_the_sandwich_worked_out_by_hand() -> None:
    outcome, cluster = np.array([1, 1, -1, 1, -1, 1, 1]), np.array([3, 3, 3, 5, 5, 9, 9])
    found = bradley_terry.fit_outcomes(np.zeros(7, dtype=int), np.ones(7, dtype=int), outcome, clusters=cluster)
    chance = 5 / 7
    scores = (outcome > 0) - chance
    sums = [scores[cluster == label].sum() for label in (3, 5, 9)]
    variance = np.square(sums).sum() * 3 / 2 / (7 * chance * (1 - chance)) ** 2
    gap = found.difference(0, 1)
    assert gap.value == pytest.approx(np.log(5 / 2))
    assert (known(gap.high) - known(gap.value)) / 1.959964 == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_clusters_of_single_comparisons_hardly_change_the_standard_errors_of_a_true_model() -> None:
    rows = simulated(8000, np.random.default_rng(77))
    np.testing.assert_allclose(fitted(rows, clusters=np.arange(8000)).se, fitted(rows).se, rtol=0.05)


def test_the_spread_of_repeated_studies_is_what_clustered_standard_errors_say() -> None:
    rng, gaps, clustered, plain = np.random.default_rng(78), [], [], []
    for _ in range(200):
        first = np.repeat(rng.integers(0, 4, 100), 4)
        second = (first + np.repeat(rng.integers(1, 4, 100), 4)) % 4
        # All four rows of a dialogue compare the same two, and what they share speaks for one of them.
        eta = TRUTH[first] - TRUTH[second] + np.repeat(rng.normal(0, 2, 100), 4)
        outcome = np.where(rng.random(400) < 1 / (1 + np.exp(-eta)), 1, -1)
        found = bradley_terry.fit_outcomes(first, second, outcome, clusters=np.repeat(np.arange(100), 4))
        gaps.append(found.log_strengths[0] - found.log_strengths[3])
        clustered.append(_se_of_gap(found))
        plain.append(_se_of_gap(bradley_terry.fit_outcomes(first, second, outcome)))
    assert np.mean(clustered) == pytest.approx(np.std(gaps), rel=0.15)
    assert np.mean(plain) < 0.75 * np.std(gaps)


def _se_of_gap(found: bradley_terry.Strengths) -> float:
    gap = found.difference(0, 3)
    return (known(gap.high) - known(gap.value)) / 1.959964


def test_the_win_rate_of_each_against_the_other_adds_up_to_one() -> None:
    found = fitted(simulated(2000, np.random.default_rng(79)))
    one, other = found.win_rate(0, 3), found.win_rate(3, 0)
    assert known(one.value) == pytest.approx(1 - known(other.value))
    assert known(one.low) == pytest.approx(1 - known(other.high))
    assert 0.5 < known(one.low) < known(one.value) < known(one.high) < 1


def test_the_groups_that_no_win_joins_are_told() -> None:
    wins = [[0, 1, 9, 9], [1, 0, 9, 9], [0, 0, 0, 1], [0, 0, 1, 0]]
    labels = bradley_terry.groups(wins)
    assert labels[0] == labels[1] != labels[2] == labels[3]


def test_ties_join_competitors() -> None:
    found = bradley_terry.fit_outcomes([0, 0], [1, 1], [1, 0], times=[5, 5])
    assert known(found.difference(0, 1).value) > 0


def test_competitors_that_nobody_compared_have_no_strength() -> None:
    with pytest.raises(ValueError, match="fall into two groups"):
        bradley_terry.fit_outcomes([0, 1], [1, 0], [1, 1], competitors=3)


LEFT = np.ones(4)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: bradley_terry.fit_outcomes([], [], []), "There is nothing to compare"),
        (lambda: bradley_terry.fit_outcomes([0], [1], [0]), "Every comparison is a tie"),
        (lambda: bradley_terry.fit_outcomes([0], [0], [1]), "two different competitors"),
        (lambda: bradley_terry.fit_outcomes([0], [-1], [1]), "two different competitors"),
        (lambda: bradley_terry.fit_outcomes([0], [2], [1], competitors=2), "two different competitors"),
        (lambda: bradley_terry.fit_outcomes([0], [1], [2]), "An outcome is 1"),
        (lambda: bradley_terry.fit_outcomes([0], [1], [0.5]), "Outcomes must be whole numbers"),
        (lambda: bradley_terry.fit_outcomes([0, 1], [1, 0], [1]), "two competitors, one outcome"),
        (lambda: bradley_terry.fit_outcomes([0], [1], [1], covariates=[np.nan]), "must be finite"),
        (lambda: bradley_terry.fit_outcomes([0], [1], [1], times=[0]), "stand for some comparison"),
        (lambda: bradley_terry.fit_outcomes([0, 1], [1, 0], [1, 1], clusters=[1]), "belongs to one cluster"),
        (lambda: bradley_terry.fit_outcomes([0, 1], [1, 0], [1, 1], clusters=[1, 1]), "come from one cluster"),
        (
            lambda: bradley_terry.fit_outcomes([0, 1, 0, 1], [1, 0, 1, 0], [1, 1, -1, 1], covariates=[]),
            "one value of each covariate",
        ),
        (
            lambda: bradley_terry.fit_outcomes(
                [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, -1, 1], covariates=np.column_stack([LEFT, 2 * LEFT])
            ),
            "cannot be told apart",
        ),
        (
            lambda: bradley_terry.fit_outcomes([0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1], covariates=LEFT),
            "without exception",
        ),
    ],
    ids=[
        "nothing",
        "ties",
        "oneself",
        "negative",
        "unknown",
        "outcome",
        "half",
        "lengths",
        "not finite",
        "no times",
        "clusters",
        "one cluster",
        "no covariates",
        "collinear",
        "separated",
    ],
)
def test_comparisons_that_say_nothing_are_refused_with_a_sentence(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
