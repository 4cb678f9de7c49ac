import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import RatingPatterns, agreement_with_others, gwet_ac
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.weights import identity, quadratic

from .reference import FOUR_RATERS, known

TABLES = st.integers(2, 6).flatmap(
    lambda q: st.tuples(
        st.just(q), st.lists(st.tuples(st.integers(0, q - 1), st.integers(0, q - 1)), min_size=2, max_size=60)
    )
)


@given(table=TABLES, weighted=st.booleans())
@settings(deadline=None)
def test_with_one_other_rater_it_is_gwets_coefficient_of_two(table, weighted) -> None:
    q, pairs = table
    ratings = np.array(pairs)
    weights = quadratic(np.arange(q)) if weighted else identity(q)
    golden = gwet_ac(RatingPatterns.from_ratings(ratings, q), weights)
    ours = agreement_with_others(ratings[:, 0], np.eye(q)[ratings[:, 1]], weights)
    for name in ("value", "low", "high"):
        # One pattern, or one category: Gwet's has no spread by definition.
        if name == "value" or golden.note is None:
            assert getattr(ours, name) == pytest.approx(getattr(golden, name), abs=1e-9), name


def test_each_of_gwets_four_raters_against_the_other_three() -> None:
    weights, q = quadratic(np.arange(5)), 5
    for rater in range(4):
        others = np.delete(FOUR_RATERS, rater, axis=1)
        counts = np.array([[(unit == k).sum() for k in range(q)] for unit in others])
        own = FOUR_RATERS[:, rater]
        units = [(k, row) for k, row in zip(own, counts, strict=True) if k >= 0 and row.sum()]
        ours = agreement_with_others([k for k, _ in units], [row for _, row in units], weights)
        value, se = plainly(units, weights)
        assert ours.value == pytest.approx(value)
        assert ours.high == pytest.approx(min(1, value + stats.t.ppf(0.975, len(units) - 1) * se))


def plainly(units, weights) -> tuple[float, float]:
    """The docstring's formulas, unit by unit."""
    q, n = len(weights), len(units)
    pa = [sum(weights[c][k] * row[k] for k in range(q)) / sum(row) for c, row in units]
    mixed = [[((c == k) + row[k] / sum(row)) / 2 for k in range(q)] for c, row in units]
    pi = [sum(unit[k] for unit in mixed) / n for k in range(q)]
    factor = weights.sum() / (q * (q - 1))
    pe = factor * sum(share * (1 - share) for share in pi)
    value = (sum(pa) / n - pe) / (1 - pe)
    total = 0.0
    for agreeing, unit in zip(pa, mixed, strict=True):
        pe_i = factor * sum((1 - pi[k]) * unit[k] for k in range(q))
        total += ((agreeing - pe) / (1 - pe) - 2 * (1 - value) * (pe_i - pe) / (1 - pe) - value) ** 2
    return value, (total / (n * (n - 1))) ** 0.5


def draw(rng, n, accuracy, q=8) -> tuple[IntArray, FloatArray]:
    """One rater of this accuracy, and two others of 0.9, on the same true categories."""
    truth = rng.integers(0, q, n)

    def rates(right) -> IntArray:
        return np.where(rng.random(n) < right, truth, rng.integers(0, q, n))

    return rates(accuracy), np.eye(q)[rates(0.9)] + np.eye(q)[rates(0.9)]


def test_a_rater_who_guesses_is_found_and_one_like_the_others_is_not() -> None:
    rng, weights = np.random.default_rng(1), quadratic(np.arange(8))
    reference = np.mean([known(agreement_with_others(*draw(rng, 500, 0.9), weights).value) for _ in range(20)])
    careful, guessing = (
        [known(agreement_with_others(*draw(rng, 60, right), weights, at_least=reference).p) for _ in range(200)]
        for right in (0.9, 0.1)
    )
    assert np.mean(np.array(careful) < 0.05) < 0.11
    assert np.mean(np.array(guessing) < 0.001) > 0.95


def test_units_that_nobody_else_rated_are_left_out() -> None:
    weights = identity(3)
    alone = agreement_with_others([0, 1, 2, 2], [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 1]], weights)
    assert alone == agreement_with_others([0, 1, 2], [[1, 0, 0], [0, 0, 1], [0, 1, 1]], weights)
    nothing = agreement_with_others([0], [[0, 0, 0]], weights, at_least=0.5)
    assert (nothing.value, nothing.p, nothing.n) == (None, None, 0)


def test_the_same_disagreement_everywhere_is_certain() -> None:
    against = agreement_with_others([0, 1, 0, 1], np.eye(2)[[1, 0, 1, 0]], identity(2), at_least=0.5)
    agrees = agreement_with_others([0, 1, 0, 1], np.eye(2)[[0, 1, 0, 1]], identity(2), at_least=0.5)
    assert (against.value, against.p) == (-1, 0)
    assert (agrees.value, agrees.p) == (1, 1)


@pytest.mark.parametrize(("own", "others"), [([3], [[1, 0, 0]]), ([0], [[-1, 0, 0]]), ([0, 1], [[1, 0, 0]])])
def test_what_is_no_rating_is_refused(own, others) -> None:
    with pytest.raises(ValueError, match="one category index"):
        agreement_with_others(own, others, identity(3))
