"""Where a reward model and the people who judged disagree most: what is worth a second look by either side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from workers.rewards.evaluation import ScoredPair

MOST = 50


@dataclass(frozen=True)
class Disagreement:
    """`probability` is the model's of the response that most people chose."""

    comparison: str
    degree: str
    probability: float
    votes_for: int
    votes_against: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def disagreements(pairs: Iterable[ScoredPair], *, most: int = MOST) -> list[Disagreement]:
    """The pairs in which the model holds the people's choice for the worse response, the surest first."""
    against = sorted((pair for pair in pairs if pair.chosen < pair.rejected), key=lambda pair: pair.probability)
    return [
        Disagreement(pair.comparison, pair.degree, pair.probability, pair.votes_for, pair.votes_against)
        for pair in against[:most]
    ]
