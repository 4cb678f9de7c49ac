"""What answers are worth, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from annotation.models import Measure, QuestionKind
from annotation.scoring import PartScores, Reached, Scored, reached, worth

RIGHT, WRONG = Scored(False, True, Fraction(1)), Scored(False, True, Fraction(0))
BLANK = Scored(False, False)
UNWRITTEN, UNSCORED = Scored(True, False), Scored(True, True)
PAIR = {"id": "a", "degree": "better", "tolerance": 1}
ORDER = {"order": ["c", "a", "b", "d"], "by": "pairs"}


def written(score: int) -> Scored:
    return Scored(True, True, score=score)


def of(measure: Measure, bound: str, *parts: PartScores, more_than: bool = False) -> Reached:
    return reached(measure, Fraction(bound), is_strict=more_than, parts=parts)


@pytest.mark.parametrize(("value", "is_right"), [("b", 1), ("a", 0), (None, 0)])
def test_a_choice_is_right_or_wrong(value: str | None, is_right: int) -> None:
    assert worth(QuestionKind.CHOICE, {"id": "b"}, value) == is_right


@pytest.mark.parametrize(("point", "is_right"), [("2", 0), ("3", 1), ("4", 1), ("5", 1), (None, 0)])
def test_a_point_of_five_may_be_off_by_the_tolerance(point: str | None, is_right: int) -> None:
    assert worth(QuestionKind.LIKERT, {"id": "4", "tolerance": 1}, point) == is_right


def test_a_point_of_five_is_exact_without_a_tolerance() -> None:
    assert [worth(QuestionKind.LIKERT, {"id": "4"}, str(point)) for point in range(1, 6)] == [0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("side", "degree", "is_right"),
    [
        ("a", "better", 1),
        ("a", "significantly_better", 1),
        ("a", "slightly_better", 1),
        ("a", "negligibly_better", 0),
        ("b", "better", 0),
        ("b", "negligibly_better", 0),
    ],
)
def test_of_two_answers_the_side_must_match_and_the_degree_within_the_tolerance(
    side: str, degree: str, is_right: int
) -> None:
    assert worth(QuestionKind.PAIRWISE, PAIR, {"id": side, "degree": degree}) == is_right


@pytest.mark.parametrize(
    ("ranks", "pairs", "exact"),
    [
        ({"c": 1, "a": 2, "b": 3, "d": 4}, "1", "1"),
        ({"c": 2, "a": 1, "b": 3, "d": 4}, "5/6", "0"),
        ({"c": 4, "a": 3, "b": 2, "d": 1}, "0", "0"),
        ({"c": 4, "a": 1, "b": 2, "d": 3}, "1/2", "0"),
    ],
)
def test_a_ranking_is_worth_its_pairs_in_the_right_order_or_all_or_nothing(
    ranks: dict[str, int], pairs: str, exact: str
) -> None:
    assert worth(QuestionKind.RANKING, ORDER, ranks) == Fraction(pairs)
    assert worth(QuestionKind.RANKING, {**ORDER, "by": "exact"}, ranks) == Fraction(exact)


def test_a_ranking_may_have_as_many_pairs_the_wrong_way_as_its_tolerance() -> None:
    key = {**ORDER, "by": "exact", "tolerance": 1}
    assert worth(QuestionKind.RANKING, key, {"c": 2, "a": 1, "b": 3, "d": 4}) == 1
    assert worth(QuestionKind.RANKING, key, {"c": 3, "a": 1, "b": 2, "d": 4}) == 0


@pytest.mark.parametrize(
    "ranks", [None, {}, {"c": 1}, {"c": 1, "a": 1, "b": 2, "d": 3}, {"c": 1, "a": 2, "b": 3, "d": 5}], ids=str
)
def test_a_ranking_that_is_not_whole_is_worth_nothing(ranks: Any) -> None:
    assert worth(QuestionKind.RANKING, ORDER, ranks) == 0


def test_nine_of_ten_are_ninety_percent_and_enough_where_ninety_are_asked() -> None:
    nine, eight = PartScores([RIGHT] * 9 + [WRONG]), PartScores([RIGHT] * 8 + [WRONG, BLANK])
    assert of(Measure.SHARE, "0.9", nine) == Reached(Fraction(9, 10), True)
    assert of(Measure.SHARE, "0.9", eight) == Reached(Fraction(8, 10), False)


def test_a_share_over_several_parts_counts_each_question_alike() -> None:
    assert of(Measure.SHARE, "0.8", PartScores([RIGHT] * 8), PartScores([WRONG] * 2)).value == Fraction(8, 10)


def test_more_than_26_of_31_is_27_and_not_26() -> None:
    for right, passed in ((26, False), (27, True), (31, True)):
        part = PartScores([RIGHT] * right + [WRONG] * (31 - right))
        assert of(Measure.COUNT, "26", part, more_than=True) == Reached(Fraction(right), passed)


def test_a_ranking_that_is_right_in_part_is_no_question_answered_as_the_reference() -> None:
    part = PartScores([RIGHT, Scored(False, True, Fraction(5, 6))])
    assert of(Measure.COUNT, "1", part).value == 1
    assert of(Measure.SHARE, "0", part).value == Fraction(11, 12)


def test_an_average_over_two_parts_gives_both_the_same_weight_whatever_their_questions() -> None:
    reading, style = PartScores([RIGHT, RIGHT, RIGHT, WRONG]), PartScores([written(4)])
    assert of(Measure.AVERAGE, "4", reading, style) == Reached(Fraction(31, 8), False)
    assert of(Measure.AVERAGE, "4", PartScores([RIGHT] * 4 + [WRONG]), style) == Reached(Fraction(4), True)


def test_an_average_of_four_is_not_more_than_four() -> None:
    part = PartScores([written(4)] * 6 + [UNWRITTEN] * 12, answers_wanted=6)
    assert of(Measure.AVERAGE, "4", part) == Reached(Fraction(4), True)
    assert of(Measure.AVERAGE, "4", part, more_than=True) == Reached(Fraction(4), False)


def test_where_six_of_eighteen_are_wanted_the_average_is_that_of_the_answers_given() -> None:
    part = PartScores([written(5)] * 6 + [written(3)] + [UNWRITTEN] * 11, answers_wanted=6)
    assert of(Measure.AVERAGE, "4", part, more_than=True) == Reached(Fraction(33, 7), True)


def test_too_few_answers_are_not_made_up_for_by_good_ones() -> None:
    part = PartScores([written(5)] * 5 + [UNWRITTEN] * 13, answers_wanted=6)
    assert of(Measure.AVERAGE, "4", part) == Reached(Fraction(25, 6), False)


def test_an_answer_that_is_wanted_and_not_written_is_worth_no_point() -> None:
    assert of(Measure.AVERAGE, "4", PartScores([written(5), UNWRITTEN])) == Reached(Fraction(5, 2), False)


def test_what_waits_for_a_reviewer_is_neither_passed_nor_failed_unless_too_few_were_written() -> None:
    assert of(Measure.AVERAGE, "4", PartScores([written(5), UNSCORED])) == Reached(None, None)
    short = PartScores([UNSCORED, UNWRITTEN, UNWRITTEN], answers_wanted=2)
    assert of(Measure.AVERAGE, "4", short) == Reached(None, False)
