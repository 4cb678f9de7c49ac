"""Several votes -> one verdict, and a degree -> a number."""

from __future__ import annotations

import itertools

import pytest

from exports.verdicts import Aggregate, aggregate
from preferences.choices import Degree, Position
from preferences.errors import InvalidInput
from preferences.margins import MARGINS, by_degree, canonical
from preferences.scales import Scale

SIGNIFICANTLY, BETTER, SLIGHTLY, NEGLIGIBLY = Degree


@pytest.mark.parametrize(
    ("scores", "chosen", "degree", "votes_for", "votes_against"),
    [
        ([-4], "a", SIGNIFICANTLY, 1, 0),
        ([1], "b", NEGLIGIBLY, 1, 0),
        ([-3, -3, -3], "a", BETTER, 3, 0),
        ([2, 3, 4], "b", BETTER, 3, 0),
        # An even number of votes for it: the weaker of the two in the middle.
        ([-1, -4], "a", NEGLIGIBLY, 2, 0),
        ([1, 2, 3, 4], "b", SLIGHTLY, 4, 0),
        ([-2, -2, -4, -4], "a", SLIGHTLY, 4, 0),
        # Votes for the other response count for the majority and not for the degree.
        ([-1, -1, 4], "a", NEGLIGIBLY, 2, 1),
        ([4, -4, 4], "b", SIGNIFICANTLY, 2, 1),
        ([-2, -3, -3, 1, 1], "a", BETTER, 3, 2),
        # A tie counts for neither.
        ([0, 0, -2], "a", SLIGHTLY, 1, 0),
        ([0, 3, 4, -1], "b", BETTER, 2, 1),
    ],
)
def test_it_takes_the_majority_and_its_lower_median_degree(
    scores: list[int], chosen: str, degree: Degree, votes_for: int, votes_against: int
) -> None:
    verdict = aggregate(scores, degrees=True)

    assert verdict == Aggregate(Position(chosen), degree, votes_for, votes_against, split=votes_against > 0)


@pytest.mark.parametrize("scores", [[], [0], [0, 0, 0], [-4, 1], [1, 2, -3, -4], [0, -1, 1]])
def test_it_has_no_verdict_without_a_majority(scores: list[int]) -> None:
    assert aggregate(scores, degrees=True) is None


def test_it_gives_no_degree_on_a_scale_without_degrees() -> None:
    assert aggregate([-1, -1, 1], degrees=False) == Aggregate(Position.A, None, 2, 1, split=True)


@pytest.mark.parametrize("scale", [scale for scale in Scale if scale.has_degree])
def test_it_does_not_depend_on_the_order_of_the_votes_nor_on_which_response_is_a(scale: Scale) -> None:
    for votes in itertools.combinations_with_replacement(scale.scores, 3):
        verdicts = {aggregate(order, degrees=True) for order in itertools.permutations(votes)}
        assert len(verdicts) == 1
        verdict, mirrored = verdicts.pop(), aggregate([-vote for vote in votes], degrees=True)
        if verdict is None or mirrored is None:
            assert verdict is mirrored
            continue
        assert mirrored.chosen is verdict.chosen.other
        assert (mirrored.degree, mirrored.split) == (verdict.degree, verdict.split)


def test_its_margins_are_those_of_table_27() -> None:
    small, large = MARGINS["small"], MARGINS["large"]
    assert small is not None and large is not None

    assert [small[degree] for degree in (SIGNIFICANTLY, BETTER, SLIGHTLY, NEGLIGIBLY)] == [1, 2 / 3, 1 / 3, 0]
    assert [large[degree] for degree in (SIGNIFICANTLY, BETTER, SLIGHTLY, NEGLIGIBLY)] == [3, 2, 1, 0]
    assert MARGINS["none"] is None


def test_a_margin_of_ones_own_is_one_word_whatever_its_order() -> None:
    typed = "better=0.66, significantly_better=1,negligibly=0,slightly=0.33"
    assert canonical(typed) == "significantly=1.0,better=0.66,slightly=0.33,negligibly=0.0"
    assert by_degree(canonical(typed)) == {SIGNIFICANTLY: 1, BETTER: 0.66, SLIGHTLY: 0.33, NEGLIGIBLY: 0}
    assert [canonical(name) for name in MARGINS] == list(MARGINS)
    assert by_degree("large") == MARGINS["large"] and by_degree("none") is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("huge", "There is no margin “huge”"),
        ("significantly=1,better=0.66", "no number for slightly_better, negligibly_better"),
        ("significantly=1,better=1,better=2,slightly=1,negligibly=0", "“better=2” is not in the margin's form"),
        ("most=1,better=1,slightly=1,negligibly=0", "“most=1” is not"),
        ("significantly=-1,better=1,slightly=1,negligibly=0", "“-1” cannot be a margin"),
        ("significantly=nan,better=1,slightly=1,negligibly=0", "“nan” cannot be a margin"),
        ("significantly=1e9,better=1,slightly=1,negligibly=0", "“1e9” cannot be a margin"),
        ("significantly=,better=1,slightly=1,negligibly=0", "“” cannot be a margin"),
    ],
)
def test_a_margin_that_is_none_is_refused_with_the_reason(typed: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        canonical(typed)
