"""Several ratings -> one verdict."""

from __future__ import annotations

import pytest

from preferences.choices import VerdictRule
from preferences.verdicts import Votes, is_even_split, preferred, violating

MEDIAN, MAJORITY = VerdictRule.MEDIAN, VerdictRule.MAJORITY


@pytest.mark.parametrize(
    "scores, median, majority",
    [
        ((-4,), -1, -1),
        ((-3, -2, 4), -1, -1),
        ((-4, 0, 2), 0, 0),
        ((-4, 0, 0), 0, 0),
        ((0, 2, 4), 1, 1),
        ((-2, 3), 1, 0),
        ((-3, 3), 0, 0),
        ((0, 2), 1, 0),
        ((-4, -4, 0, 2), -1, 0),
        ((0, 0, 0), 0, 0),
        ((-2, -2, 0, 4, 4), 0, 0),
        ((2, 3, 0, 0, 4), 1, 1),
    ],
)
def test_the_rule_of_the_campaign_decides(scores: tuple[int, ...], median: int, majority: int) -> None:
    assert (preferred(scores, MEDIAN), preferred(scores, MAJORITY)) == (median, majority)
    mirrored = [-score for score in scores]
    assert (preferred(mirrored, MEDIAN), preferred(mirrored, MAJORITY)) == (-median, -majority)


@pytest.mark.parametrize(
    "scores, is_violating, is_split",
    [((1, 5, 5), False, False), ((1, 2, 5), True, False), ((2, 3), True, True), ((3, 4), False, False)],
)
def test_half_of_the_raters_call_a_violation(scores: tuple[int, ...], is_violating: bool, is_split: bool) -> None:
    assert (violating(scores), is_even_split(scores)) == (is_violating, is_split)


def test_what_a_reviewer_said_stands_for_the_ratings() -> None:
    assert Votes((-3, 2, 2), (-3, -2, 2)).decisive() == [-3, -2, 2]
    assert Votes((-3, 2, 2), (-3, -2, 2), is_adjudicated=True, adjudication=0).decisive() == [0]


def test_where_most_call_neither_valid_there_is_no_verdict() -> None:
    assert Votes((None, None, 3), (None, None, 3)).decisive() == []
    assert Votes((None, 2, 3), (None, 2, 3)).decisive() == [2, 3]
    assert Votes((2, 2, 2), (2, 2, 2), is_adjudicated=True).decisive() == []
