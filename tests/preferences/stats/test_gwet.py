import numpy as np
import pytest
from scipy import stats

from preferences.stats import RatingPatterns, ac1, ac2, gwet_ac, weights

from .reference import FOUR_RATERS, known

PATTERNS = RatingPatterns.from_ratings(FOUR_RATERS, q=5)


def exactly(number: float) -> object:
    return pytest.approx(number, abs=1e-9, rel=0)


def test_it_gives_gwets_published_ac1_for_four_raters() -> None:
    result = ac1(PATTERNS)
    assert result.coefficient == "AC1"
    assert result.value == exactly(0.775444068127)
    assert result.se == exactly(0.142949950641)
    assert result.percent_agreement == exactly(0.818181818182)
    assert result.chance_agreement == exactly(0.190321180556)
    assert result.low == pytest.approx(0.460813, abs=5e-7)
    assert result.high == 1
    assert (result.units, result.ratings, result.confidence, result.note) == (12, 41, 0.95, None)


@pytest.mark.parametrize(
    ("scheme", "value", "se", "low"),
    [
        ("quadratic", 0.914000723552, 0.103962244645, 0.685181),
        ("ordinal", 0.898939769908, 0.106903523815, 0.663647),
    ],
)
def test_it_gives_the_golden_ac2_for_four_raters(scheme, value, se, low) -> None:
    result = ac2(PATTERNS, scheme)
    assert result.coefficient == "AC2"
    assert result.value == exactly(value)
    assert result.se == exactly(se)
    assert result.low == pytest.approx(low, abs=5e-7)
    assert result.high == 1


def test_it_weighs_quadratically_over_equal_steps_unless_told_otherwise() -> None:
    assert ac2(PATTERNS) == ac2(PATTERNS, "quadratic", [1, 2, 3, 4, 5])


def test_it_takes_the_distances_of_the_category_values() -> None:
    assert ac2(PATTERNS, values=[0, 1, 2, 3, 10]).value != ac2(PATTERNS).value
    assert ac2(PATTERNS, "ordinal", [0, 1, 2, 3, 10]) == ac2(PATTERNS, "ordinal")


def test_it_names_the_coefficient_after_its_weights() -> None:
    assert gwet_ac(PATTERNS, weights.identity(5)).coefficient == "AC1"
    assert gwet_ac(PATTERNS, weights.ordinal(5)).coefficient == "AC2"


def test_a_category_of_the_scale_that_nobody_used_changes_chance_agreement() -> None:
    wider = RatingPatterns.from_ratings(FOUR_RATERS, q=6)
    assert ac1(wider).percent_agreement == ac1(PATTERNS).percent_agreement
    assert ac1(wider).chance_agreement == exactly(0.190321180556 * 4 / 5)
    assert known(ac1(wider).value) > known(ac1(PATTERNS).value)


def test_the_interval_is_a_t_interval_with_one_degree_of_freedom_less_than_units() -> None:
    result = ac1(PATTERNS, confidence=0.5)
    reach = stats.t.ppf(0.75, 11) * result.se
    assert (result.low, result.high) == (exactly(result.value - reach), exactly(result.value + reach))


def test_more_units_of_the_same_kind_leave_the_value_and_narrow_the_interval() -> None:
    many = RatingPatterns(PATTERNS.counts, PATTERNS.multiplicity * 10**6)
    assert ac1(many).value == exactly(0.775444068127)
    assert ac1(many).se == exactly(0.142949950641 * np.sqrt(12 * 11 / (12e6 * (12e6 - 1)) * 1e6))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, float("nan")])
def test_a_confidence_that_is_no_probability_is_refused(confidence) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        ac1(PATTERNS, confidence=confidence)


@pytest.mark.parametrize(
    ("matrix", "sentence"),
    [
        (np.eye(4), "5 categories needs 5 x 5 weights"),
        (np.eye(5) + np.eye(5, k=1) / 2, "symmetric with ones on the diagonal"),
        (np.zeros((5, 5)), "symmetric with ones on the diagonal"),
        (2 * np.eye(5)[::-1] + np.diag([1, 1, -1, 1, 1]), "between 0 and 1"),
    ],
)
def test_weights_that_are_no_agreement_weights_are_refused(matrix, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        gwet_ac(PATTERNS, matrix)


def test_the_interval_holds_the_true_coefficient_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(20)
    q, quality, share = 5, 0.6, np.array([0.1, 0.2, 0.3, 0.2, 0.2])
    chances = quality * np.eye(q) + (1 - quality) / q
    pi = share @ chances
    pe = (pi * (1 - pi)).sum() / (q - 1)
    truth = (share @ (chances**2).sum(axis=1) - pe) / (1 - pe)
    hits = 0
    for _ in range(400):
        kind = rng.choice(q, size=(60, 1), p=share)
        ratings = np.where(rng.random((60, 3)) < quality, kind, rng.integers(0, q, (60, 3)))
        result = ac1(RatingPatterns.from_ratings(ratings, q))
        hits += result.low <= truth <= result.high
    assert 0.92 <= hits / 400 <= 0.98
