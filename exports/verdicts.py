"""Several votes -> one verdict. The rule is printed in the manifest of every export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from preferences.choices import Degree, Position
from preferences.scales import DEGREE_OF

RULE = (
    "chosen = the response with more votes, ties not counted; degree = the lower median of the degrees of the votes "
    "for it; a vote that neither is valid counts for none, and where most say so the comparison is left out; "
    "split = some vote went to the other response; a comparison with as many votes on either side is left out; "
    "a vote that a reviewer corrected counts as corrected; where a reviewer adjudicated, theirs is the verdict"
)


@dataclass(frozen=True)
class Aggregate:
    chosen: Position
    degree: Degree | None  # None where the scale has no degrees
    votes_for: int
    votes_against: int
    split: bool


def aggregate(scores: Sequence[int], *, degrees: bool) -> Aggregate | None:
    """The verdict of signed scores (below zero for A); None without a majority."""
    return _aggregate(tuple(scores), degrees)


@lru_cache(maxsize=10_000)
def _aggregate(scores: tuple[int, ...], degrees: bool) -> Aggregate | None:
    # A few hundred different ones are all that a million comparisons have.
    for_a = [-score for score in scores if score < 0]
    for_b = [score for score in scores if score > 0]
    if len(for_a) == len(for_b):
        return None
    winner, loser = (for_a, for_b) if len(for_a) > len(for_b) else (for_b, for_a)
    return Aggregate(
        chosen=Position.A if winner is for_a else Position.B,
        degree=DEGREE_OF[sorted(winner)[(len(winner) - 1) // 2]] if degrees else None,
        votes_for=len(winner),
        votes_against=len(loser),
        split=bool(loser),
    )


def adjudicated(score: int | None, scores: Sequence[int], *, degrees: bool) -> Aggregate | None:
    """The verdict of one adjudicator, beside the votes; None where it prefers neither response."""
    verdict = aggregate([] if score is None else [score], degrees=degrees)
    if verdict is None:
        return None
    for_a, for_b = sum(vote < 0 for vote in scores), sum(vote > 0 for vote in scores)
    votes_for, votes_against = (for_a, for_b) if verdict.chosen is Position.A else (for_b, for_a)
    return replace(verdict, votes_for=votes_for, votes_against=votes_against, split=bool(votes_against))
