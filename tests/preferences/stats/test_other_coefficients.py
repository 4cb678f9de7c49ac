"""Fleiss' kappa, Krippendorff's alpha, Cohen's kappa and percent agreement beyond what the golden files say."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings

from preferences.stats import (
    ClusteredPatterns,
    RatingPatterns,
    ac1,
    cohen,
    fleiss,
    gwet_ac,
    krippendorff,
    percent_agreement,
    weights,
)

from .reference import FOUR_RATERS, known
from .tables import SCHEMES, assert_same, rated

PATTERNS = RatingPatterns.from_ratings(FOUR_RATERS, q=5)
COUNTS = np.array([[(row == k).sum() for k in range(5)] for row in FOUR_RATERS])
COEFFICIENTS = {
    "fleiss": lambda ratings: fleiss(ratings, weights.linear(range(ratings.q))),
    "nominal alpha": krippendorff,
    "ordinal alpha": lambda ratings: krippendorff(ratings, "ordinal"),
    "interval alpha": lambda ratings: krippendorff(ratings, "interval"),
    "percent": lambda ratings: percent_agreement(ratings, weights.linear(range(ratings.q))),
}
every_coefficient = pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)


def disagreements(ratings, distance) -> float:
    """Krippendorff's ``1 - Do / De`` pair by pair: within units against among all ratings that have a partner."""
    units = [[int(k) for k in row if k >= 0] for row in ratings]
    units = [unit for unit in units if len(unit) >= 2]
    everything = [k for unit in units for k in unit]
    n = len(everything)
    observed = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    expected = sum(distance(a, b) for a, b in permutations(everything, 2)) / (n * (n - 1))
    return 1 - observed / expected


@given(table=rated())
@settings(deadline=None)
def test_alpha_is_one_less_observed_by_expected_disagreement(table) -> None:
    q, ratings = table
    patterns = RatingPatterns.from_ratings(ratings, q)
    pairs = ratings[(ratings >= 0).sum(axis=1) >= 2]
    assume(len(set(pairs[pairs >= 0].tolist())) > 1)
    for level, distance in (("nominal", lambda a, b: a != b), ("interval", lambda a, b: (a - b) ** 2)):
        assert krippendorff(patterns, level).value == pytest.approx(disagreements(ratings, distance), abs=1e-9)


def test_the_interval_alpha_takes_the_values_of_the_categories() -> None:
    values = [1, 2, 4, 8, 16]
    expected = disagreements(FOUR_RATERS, lambda a, b: (values[a] - values[b]) ** 2)
    assert krippendorff(PATTERNS, "interval", values).value == pytest.approx(expected)


def test_units_rated_once_change_neither_alpha_nor_percent_agreement_but_are_counted() -> None:
    more = RatingPatterns.from_ratings(np.vstack([FOUR_RATERS, [[4, -1, -1, -1]] * 5]), q=5)
    for coefficient in (krippendorff, lambda ratings: percent_agreement(ratings, np.eye(5))):
        one, other = coefficient(PATTERNS), coefficient(more)
        assert (one.value, one.se, one.low) == (other.value, other.se, other.low)
        assert (one.units, other.units, other.ratings) == (12, 17, 46)


def test_percent_agreement_is_that_of_ac1_with_the_spread_of_its_units() -> None:
    result = percent_agreement(PATTERNS, np.eye(5))
    shares = [np.mean([a == b for a, b in permutations([k for k in row if k >= 0], 2)]) for row in FOUR_RATERS[:11]]
    assert result.value == pytest.approx(known(ac1(PATTERNS).percent_agreement))
    assert result.se == pytest.approx(np.std(shares, ddof=1) / np.sqrt(11))
    assert result.chance_agreement == 0


@every_coefficient
@given(table=rated())
@settings(deadline=None, max_examples=40)
def test_clusters_of_one_unit_and_turned_scales_change_nothing(coefficient, table) -> None:
    q, ratings = table
    counts = np.array([[(row == k).sum() for k in range(q)] for row in ratings])
    plain = coefficient(RatingPatterns.from_counts(counts))
    assert_same(coefficient(ClusteredPatterns.from_rows(np.arange(len(counts)), counts)), plain)
    assert_same(coefficient(RatingPatterns.from_counts(counts[::-1, ::-1])), plain)


@every_coefficient
def test_clusters_that_agree_within_widen_the_interval(coefficient) -> None:
    rng = np.random.default_rng(81)
    ease, kind = np.repeat(rng.beta(0.3, 0.3, 40), 5)[:, None], rng.integers(0, 4, (200, 1))
    ratings = np.where(rng.random((200, 3)) < ease, kind, rng.integers(0, 4, (200, 3)))
    counts = (ratings[:, :, None] == np.arange(4)).sum(axis=1)
    plain = coefficient(RatingPatterns.from_counts(counts))
    clustered = coefficient(ClusteredPatterns.from_rows(np.repeat(np.arange(40), 5), counts))
    assert clustered.value == pytest.approx(known(plain.value))
    assert known(clustered.se) > 1.3 * known(plain.se)


@every_coefficient
@pytest.mark.parametrize(
    ("ratings", "value", "sentence"),
    [
        (np.zeros((0, 2), dtype=int), None, "Nothing has been rated yet"),
        ([[0, -1], [-1, 1]], None, "No item has two ratings yet"),
        ([[1, 1], [1, 1], [1, -1]], 1, "same category"),
        ([[0, 0], [1, 1], [2, 2]], 1, "interval has no width"),
        ([[0, 0, 1]], "some", "Only one item has been rated"),
    ],
    ids=["nothing", "no pair", "one category", "full agreement", "one unit"],
)
def test_tables_that_carry_no_number_give_a_sentence(coefficient, ratings, value, sentence) -> None:
    result = coefficient(RatingPatterns.from_ratings(ratings, q=3))
    assert (result.value is not None) if value == "some" else result.value == value
    assert sentence in str(result.note)
    assert all(number is None or np.isfinite(number) for number in (result.value, result.se, result.low, result.high))
    if value != 1:
        assert (result.se, result.low, result.high) == (None, None, None)


def test_fleiss_falls_to_zero_where_gwet_stays_high_if_nearly_all_is_in_one_category() -> None:
    lopsided = RatingPatterns(np.array([[3, 0], [2, 1]]), np.array([90, 10]))
    assert known(fleiss(lopsided, np.eye(2)).value) < 0
    assert known(gwet_ac(lopsided, np.eye(2)).value) > 0.9


def test_cohens_kappa_has_its_textbook_value() -> None:
    # Two raters say yes to 20 of 50, no to 15, and differ on the rest: po = 0.7, pe = 0.5.
    ratings = [[0, 0]] * 20 + [[0, 1]] * 5 + [[1, 0]] * 10 + [[1, 1]] * 15
    result = cohen(ratings, np.eye(2))
    assert (result.value, result.percent_agreement) == (pytest.approx(0.4), pytest.approx(0.7))
    assert result.chance_agreement == pytest.approx(0.5)


def test_cohens_standard_error_is_the_spread_of_repeated_studies() -> None:
    rng, results = np.random.default_rng(82), []
    for _ in range(400):
        kind = rng.integers(0, 4, (80, 1))
        ratings = np.where(rng.random((80, 2)) < 0.6, kind, rng.integers(0, 4, (80, 2)))
        results.append(cohen(ratings, weights.linear(range(4))))
    spread = np.std([result.value for result in results])
    assert np.mean([result.se for result in results]) == pytest.approx(spread, rel=0.1)


def test_cohens_standard_error_counts_the_units_that_a_pair_of_raters_lacks() -> None:
    rng = np.random.default_rng(83)
    ratings = np.where(rng.random((240, 3)) < 0.6, rng.integers(0, 3, (240, 1)), rng.integers(0, 3, (240, 3)))
    ratings[:120, 2] = -1
    left_out = [known(cohen(np.delete(ratings, unit, axis=0), np.eye(3)).value) for unit in range(240)]
    jackknife = np.sqrt(239 / 240 * np.square(left_out - np.mean(left_out)).sum())
    assert cohen(ratings, np.eye(3)).se == pytest.approx(jackknife, rel=0.03)


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None, max_examples=40)
def test_of_more_than_two_raters_it_is_the_mean_over_their_pairs(table, scheme) -> None:
    q, ratings = table
    matrix = weights.matrix(scheme, range(q))
    pairs = [cohen(ratings[:, pair], matrix) for pair in combinations(range(ratings.shape[1]), 2)]
    told = [known(pair.value) for pair in pairs if pair.value is not None and pair.chance_agreement != 1]
    result = cohen(ratings, matrix)
    if told:
        assert result.value == pytest.approx(np.mean(told), abs=1e-9)
    assert (result.value is None) == all(pair.value is None for pair in pairs)


@pytest.mark.parametrize(
    ("ratings", "value", "sentence"),
    [
        (np.zeros((0, 2), dtype=int), None, "Nothing has been rated yet"),
        ([[0, -1], [-1, 1]], None, "No item has two ratings yet"),
        ([[1, 1], [1, 1], [1, -1]], 1, "same category"),
        ([[0, 0], [1, 1], [2, 2]], 1, "interval has no width"),
        ([[0, 1]], 0, "Only one item has been rated"),
    ],
    ids=["nothing", "no pair", "one category", "full agreement", "one unit"],
)
def test_cohen_gives_a_sentence_where_there_is_no_number(ratings, value, sentence) -> None:
    result = cohen(ratings, np.eye(3))
    assert result.value == value
    assert sentence in str(result.note)


def test_unknown_levels_and_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        cohen(FOUR_RATERS, np.zeros((5, 5)))
    with pytest.raises(ValueError, match="nominal, ordinal, interval"):
        krippendorff(PATTERNS, "ratio")  # type: ignore[arg-type]
