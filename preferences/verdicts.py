"""Several ratings of one item -> one verdict, by the rule that the campaign names and its report prints.

What reviewers said stands for the ratings here as it does in exports: a rating that was corrected counts as corrected,
and where somebody adjudicated, theirs is the verdict. Agreement alone is that of the ratings as they were given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext_noop

from preferences.choices import VerdictRule
from preferences.scales import HIGHEST_VIOLATION

RULES = {
    VerdictRule.MEDIAN: gettext_noop(
        "The verdict on a prompt is the median of its ratings: the side of the response that it favours, a tie where "
        "it is “about the same”. With an even number of ratings it is the mean of the two in the middle."
    ),
    VerdictRule.MAJORITY: gettext_noop(
        "The verdict on a prompt is the response that more than half of its raters prefer, by however much; where "
        "neither has more than half, it is a tie."
    ),
}
VIOLATION_RULE = gettext_noop(
    "A rating of 1 or 2 calls a response a violation. A response is violating where more than half of its raters say "
    "so; where exactly half do, it counts as violating, too, and is counted below."
)
REVIEWED_RULE = gettext_noop(
    "A rating that a reviewer corrected counts as corrected, and where one adjudicated, theirs is the verdict; "
    "agreement is that of the ratings as they were given."
)


@dataclass(frozen=True, slots=True)
class Votes:
    """The scores of one item. None among them says that neither response is valid."""

    ratings: tuple[int | None, ...]  # as they were given
    counted: tuple[int | None, ...]  # as they count: corrected where a reviewer did
    is_adjudicated: bool = False
    adjudication: int | None = None

    def decisive(self) -> list[int]:
        """The scores that the verdict is made of; none where most of those asked call neither response valid."""
        said = (self.adjudication,) if self.is_adjudicated else self.counted
        scores = [score for score in said if score is not None]
        return scores if 2 * len(scores) >= len(said) else []


def preferred(scores: Sequence[int], rule: VerdictRule) -> int:
    """-1 for response A, 1 for response B, 0 for a tie; there must be a score."""
    if rule is VerdictRule.MEDIAN:
        return _sign(median(scores))
    for_a, for_b = sum(score < 0 for score in scores), sum(score > 0 for score in scores)
    return _sign((2 * for_b > len(scores)) - (2 * for_a > len(scores)))


def is_violation(score: int) -> bool:
    return score <= HIGHEST_VIOLATION


def violating(scores: Sequence[int]) -> bool:
    """Whether half of the raters or more call it a violation; there must be a score."""
    return 2 * sum(map(is_violation, scores)) >= len(scores)


def is_even_split(scores: Sequence[int]) -> bool:
    return 2 * sum(map(is_violation, scores)) == len(scores)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
