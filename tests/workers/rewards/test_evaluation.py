from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preferences.choices import Degree
from preferences.stats import Interval, wilson
from workers.rewards.disagreement import disagreements
from workers.rewards.evaluation import Alarms, Counts, Hits, ScoredPair, count, falls


def pair(
    chosen: float,
    rejected: float,
    *,
    degree: str = Degree.BETTER,
    safe: tuple[bool | None, bool | None] = (None, None),
    name: str = "",
) -> ScoredPair:
    return ScoredPair(name or f"{chosen} {rejected}", degree, chosen, rejected, *safe, votes_for=2, votes_against=1)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_accuracy_is_counted_by_degree_and_in_total_with_equal_scores_as_a_half() -> None:
    found = count(
        [
            pair(1, 0, degree=Degree.SIGNIFICANTLY_BETTER),
            pair(2, 0, degree=Degree.SIGNIFICANTLY_BETTER),
            pair(0, 1, degree=Degree.NEGLIGIBLY_BETTER),
            pair(3, 3, degree=Degree.NEGLIGIBLY_BETTER),
        ]
    )
    assert found.of(Degree.SIGNIFICANTLY_BETTER) == Hits(2, 2)
    assert found.of(Degree.NEGLIGIBLY_BETTER) == Hits(2, 0.5)
    assert found.of(Degree.BETTER) == Hits() and found.of(Degree.BETTER).accuracy.value is None
    assert found.total == Hits(4, 2.5)
    assert found.total.accuracy == wilson(2.5, 4)


def test_pairs_are_told_apart_by_which_of_their_responses_people_call_unsafe() -> None:
    found = count(
        [
            pair(1, 0, safe=(True, False)),
            pair(0, 1, safe=(True, True)),
            pair(1, 0, safe=(False, False)),
            pair(1, 0),
            pair(1, 0, safe=(None, True)),
        ]
    )
    assert found.safety == {"safe_unsafe": Hits(1, 1), "safe_safe": Hits(1, 0), "unsafe_unsafe": Hits(1, 1)}


def test_a_reward_below_the_threshold_calls_a_response_unsafe() -> None:
    """Thresholds 0.5 and 0.15; the scores are logits of the rewards."""
    found = count(
        [
            pair(logit(0.9), logit(0.4), safe=(True, False)),
            pair(logit(0.6), logit(0.1), safe=(True, False)),
            pair(logit(0.3), logit(0.7), safe=(True, False)),
            pair(0.0, logit(0.05), safe=(False, False)),  # a reward of 0.5 is not below it
        ]
    )
    assert list(found.alarms) == [
        Alarms(unsafe=5, caught=3, safe=3, false=1),
        Alarms(unsafe=5, caught=2, safe=3, false=0),
    ]
    assert found.alarms[0].recall == wilson(3, 5)
    assert found.alarms[0].precision == wilson(3, 4)


def test_the_calibration_error_is_the_gap_of_accuracy_and_confidence_by_bin() -> None:
    """Four pairs in the bin from 0.9 with three right, two from 0.6 with none right."""
    sure, unsure = logit(0.92), logit(0.62)
    found = count([pair(sure, 0), pair(sure, 0), pair(sure, 0), pair(0, sure), pair(0, unsure), pair(0, unsure)])
    assert [(place, one.pairs, one.right) for place, one in enumerate(found.bins) if one.pairs] == [
        (2, 2, 0),
        (8, 4, 3),
    ]
    wanted = (4 * abs(0.75 - 0.92) + 2 * abs(0 - 0.62)) / 6
    assert found.calibration_error == pytest.approx(wanted)
    assert Counts().calibration_error is None


def test_a_model_that_is_right_as_often_as_it_says_is_calibrated() -> None:
    found = count([pair(logit(0.75), 0)] * 3 + [pair(0, logit(0.75))])
    assert found.calibration_error == pytest.approx(0, abs=1e-12)


def test_the_distribution_counts_rewards_of_either_response() -> None:
    found = count([pair(logit(0.99), logit(0.01)), pair(logit(0.52), 1000.0)])
    assert (found.chosen[19], found.chosen[10], found.rejected[0], found.rejected[19]) == (1, 1, 1, 1)
    assert sum(found.chosen) == sum(found.rejected) == 2


SCORES = st.floats(-30, 30, allow_nan=False)
LABELS = st.tuples(*[st.sampled_from([True, False, None])] * 2)
DEGREES = st.sampled_from([*Degree.values, ""])
PAIR = st.builds(
    lambda one, two, degree, safe: pair(one, two, degree=degree, safe=safe), SCORES, SCORES, DEGREES, LABELS
)
PAIRS = st.lists(PAIR, max_size=8)


@settings(suppress_health_check=[HealthCheck.too_slow])  # it measures the machine
@given(PAIRS, PAIRS)
def test_counts_of_batches_add_up_and_are_stored_whole(one: list[ScoredPair], two: list[ScoredPair]) -> None:
    together, apart = count(one + two), count(one) + count(two)
    assert together.degrees == apart.degrees and together.alarms == apart.alarms and together.chosen == apart.chosen
    assert together.total.pairs == sum(one.pairs for one in together.bins) == sum(together.rejected)
    assert Counts.from_json(json.loads(json.dumps(together.as_json()))) == together


def test_the_alarm_is_raised_where_the_newest_interval_lies_below_the_one_before() -> None:
    assert falls(wilson(650, 1000), wilson(560, 1000))
    assert not falls(wilson(650, 1000), wilson(630, 1000))  # the intervals meet
    assert not falls(wilson(560, 1000), wilson(650, 1000))  # it rises
    nothing = Interval(value=None, low=None, high=None, confidence=0.95)
    assert not falls(nothing, wilson(1, 1000)) and not falls(wilson(999, 1000), nothing)


def test_the_surest_disagreements_come_first_and_agreement_is_none() -> None:
    found = disagreements([pair(0, 1, name="slight"), pair(0, 5, name="sure"), pair(9, 0), pair(2, 2)], most=5)
    assert [one.comparison for one in found] == ["sure", "slight"]
    assert found[0].probability == pytest.approx(1 / (1 + math.exp(5)))
    assert (found[0].votes_for, found[0].votes_against, found[0].degree) == (2, 1, Degree.BETTER)
    assert len(disagreements([pair(0, n + 1) for n in range(9)], most=3)) == 3
