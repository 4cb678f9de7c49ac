import numpy as np
import pytest

from preferences.stats import RatingPatterns, ac2, planning, weights, wilson
from preferences.stats.intervals import Interval
from preferences.stats.paired import half_points

from .reference import known

QUADRATIC = weights.quadratic(range(8))


def reach(interval: Interval) -> float:
    value = known(interval.value)
    return max(value - known(interval.low), known(interval.high) - value)


def answers(quality: float, units: int, raters: int, rng: np.random.Generator) -> RatingPatterns:
    """Ratings by the model: the item's category with this chance, otherwise any category."""
    kind, guess = rng.integers(0, 8, (units, 1)), rng.integers(0, 8, (units, raters))
    return RatingPatterns.from_ratings(np.where(rng.random((units, raters)) < quality, kind, guess), 8)


@pytest.mark.parametrize("share", [0, 0.04, 0.36, 0.5, 1])
@pytest.mark.parametrize("wanted", [0.2, 0.015])
def test_the_prompts_for_a_share_are_the_fewest_that_suffice(share, wanted) -> None:
    n = planning.prompts_for_share(share, wanted)
    assert reach(wilson(share * n, n)) <= wanted < reach(wilson(share * (n - 1), n - 1))


def test_the_papers_prompts_gave_the_precision_that_it_names() -> None:
    assert 0.01 < reach(half_points(0.359 * 4173, 0.326 * 4173, 4173)) < 0.02
    assert planning.prompts_for_share(0.36, 0.0146) == pytest.approx(4173, rel=0.02)


@pytest.mark.parametrize(("wins", "ties"), [(0.36, 0.31), (0.5, 0), (0.1, 0.9), (0, 0)])
def test_the_prompts_for_a_win_rate_are_the_fewest_that_suffice(wins, ties) -> None:
    n = planning.prompts_for_win_rate(wins, ties, 0.02)
    losses = max(0, 1 - wins - ties)
    assert reach(half_points(wins * n, losses * n, n)) <= 0.02
    assert reach(half_points(wins * (n - 1), losses * (n - 1), n - 1)) > 0.02


@pytest.mark.parametrize("raters", [2, 3, 5])
@pytest.mark.parametrize("agreement", [0.4, 0.9])
def test_the_units_for_an_agreement_give_that_agreement_and_that_precision(raters, agreement) -> None:
    units = planning.units_for_agreement(agreement, 0.05, raters=raters, weights=QUADRATIC)
    quality = planning.rater_quality(agreement, QUADRATIC)
    rng = np.random.default_rng(61)
    results = [ac2(answers(quality, units, raters, rng), "quadratic") for _ in range(150)]
    reaches = [known(result.value) - known(result.low) for result in results]
    assert np.mean(reaches) == pytest.approx(0.05, rel=0.07)
    assert np.mean([result.value for result in results]) == pytest.approx(agreement, abs=0.01)
    assert 1.96 * np.std([result.value for result in results]) == pytest.approx(0.05, rel=0.2)


def test_the_model_is_a_distribution_over_all_patterns() -> None:
    counts, chances = planning.model(0.6, 3, 4, [0.1, 0.2, 0.3, 0.4])
    assert (len(counts), chances.sum()) == (20, pytest.approx(1))
    assert (counts.sum(axis=1) == 3).all()
    agreeing = chances[(counts == 3).any(axis=1)].sum()
    right, wrong = 0.6 + 0.1, 0.1
    assert agreeing == pytest.approx(right**3 + 3 * wrong**3)
    np.testing.assert_allclose(chances @ counts / 3, 0.6 * np.array([0.1, 0.2, 0.3, 0.4]) + 0.1)


def test_lopsided_categories_change_what_agreement_needs() -> None:
    shares = [0.9] + [0.1 / 7] * 7
    assert planning.rater_quality(0.8, QUADRATIC, shares) < planning.rater_quality(0.8, QUADRATIC)


def test_a_pilot_tells_how_many_more_units_it_takes() -> None:
    pilot = ac2(answers(0.7, 100, 3, np.random.default_rng(62)), "quadratic")
    half = (known(pilot.high) - known(pilot.low)) / 2
    assert planning.units_after_pilot(pilot, half) == 100
    assert planning.units_after_pilot(pilot, half / 2) == pytest.approx(4 * 99 * (1.966 / 1.984) ** 2, abs=3)
    with pytest.raises(ValueError, match="needs more units that differ"):
        planning.units_after_pilot(ac2(RatingPatterns.from_ratings([[1, 1]], 8)), 0.1)


def test_a_majority_of_three_is_right_as_often_as_its_raters_combinations_say() -> None:
    assert planning.majority_right(0.8, 1) == pytest.approx(0.8)
    assert planning.majority_right(0.8, 3) == pytest.approx(0.8**3 + 3 * 0.8**2 * 0.2)
    assert planning.majority_right(0.8, 2) == pytest.approx(0.8)


def test_what_a_third_rater_buys_is_what_a_simulation_of_the_same_cost_shows() -> None:
    one, three = planning.panels(3000, agreement=0.5, wins=0.6, ties=0.1, weights=QUADRATIC, raters=(1, 3))
    assert (one.units, three.units, one.agreement_reach) == (3000, 1000, None)
    assert 0.5 < one.win_rate < three.win_rate < 0.65
    assert one.verdict_right < three.verdict_right
    assert one.win_rate_reach < three.win_rate_reach
    rng, accuracy = np.random.default_rng(63), one.verdict_right
    truth = rng.choice([1, 0, -1], size=400_000, p=[0.6, 0.1, 0.3])
    votes = np.where(rng.random((400_000, 3)) < accuracy, 1, -1).sum(axis=1)
    verdicts = truth * np.sign(votes)
    assert ((verdicts + 1) / 2).mean() == pytest.approx(three.win_rate, abs=0.003)
    assert (verdicts == truth)[truth != 0].mean() == pytest.approx(three.verdict_right, abs=0.003)
    known_units = planning.units_for_agreement(0.5, known(three.agreement_reach), raters=3, weights=QUADRATIC)
    assert known_units == 1000


def test_one_rater_names_the_better_side_unless_a_guess_goes_wrong() -> None:
    [one] = planning.panels(1000, agreement=0.5, wins=0.6, weights=QUADRATIC, raters=(1,))
    quality, rng = planning.rater_quality(0.5, QUADRATIC), np.random.default_rng(64)
    kind = rng.integers(0, 8, 400_000)
    said = np.where(rng.random(400_000) < quality, kind, rng.integers(0, 8, 400_000))
    assert ((said < 4) == (kind < 4)).mean() == pytest.approx(one.verdict_right, abs=0.003)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (lambda: planning.prompts_for_share(1.2, 0.1), "shares lie between 0 and 1"),
        (lambda: planning.prompts_for_share(0.5, 0), "precision lies between 0 and 1; 0 does not"),
        (lambda: planning.prompts_for_share(0.5, 1e-9), "No study is large enough"),
        (lambda: planning.prompts_for_win_rate(0.8, 0.3, 0.1), "fit together"),
        (lambda: planning.units_for_agreement(0.5, 0.1, raters=1, weights=QUADRATIC), "at least two raters"),
        (lambda: planning.units_for_agreement(1.5, 0.1, raters=3, weights=QUADRATIC), "agreement lies between 0 and 1"),
        (lambda: planning.panels(5, agreement=0.5, wins=0.5, weights=QUADRATIC), "not enough for two prompts"),
        (lambda: planning.model(0.5, 2, 3, [0.5, 0.6, -0.1]), "add up to 1"),
    ],
    ids=["share", "precision", "too fine", "ties", "one rater", "agreement", "few ratings", "categories"],
)
def test_plans_that_make_no_sense_are_refused_with_a_sentence(plan, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        plan()
