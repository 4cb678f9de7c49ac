"""What an annotator clicked, in terms of left and right -> what they think, in terms of responses A and B."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from preferences.actions.judgments import Opinion
from preferences.choices import Chosen, Degree, Position
from preferences.errors import InvalidInput
from preferences.models import Campaign, Judgment
from preferences.scales import Verdict, verdict_at


@dataclass(frozen=True)
class Answer:
    """What the annotator clicked, in terms of left and right."""

    # 1 to the number of points, from strongest for the left response or from the least safe; None: neither is valid
    place: int | None
    safety_left: int | None = None
    safety_right: int | None = None
    rationale: str = ""
    pasted: int | None = None


def opinion_of(campaign: Campaign, answer: Answer, left: Position) -> Opinion:
    """The answer in terms of A and B: left stood for A or for B."""
    if answer.place is None:
        verdict = Verdict(Chosen.NEITHER, None)
    else:
        seen = verdict_at(campaign.the_scale, answer.place)
        verdict = seen if left is Position.A else seen.mirrored()
    return Opinion(verdict, _safety(answer, left), answer.rationale, answer.pasted)


def answer_of(judgment: Judgment, left: Position) -> Answer:
    """The way back: what was clicked, where `left` stood on the left."""
    if judgment.chosen == Chosen.RATED:
        return Answer(_place(judgment, left), rationale=judgment.rationale)
    scores = {Position.A: judgment.safety_a, Position.B: judgment.safety_b}
    return Answer(_place(judgment, left), scores[left], scores[left.other], judgment.rationale)


def _place(judgment: Judgment, left: Position) -> int | None:
    if judgment.chosen == Chosen.NEITHER:
        return None
    degree = Degree(judgment.degree) if judgment.degree else None
    stored = Verdict(Chosen(judgment.chosen), degree, judgment.safety_a if judgment.chosen == Chosen.RATED else None)
    seen = stored if left is Position.A else stored.mirrored()
    return judgment.comparison.campaign.the_scale.scores.index(seen.score or 0) + 1


def _safety(answer: Answer, left: Position) -> dict[Position, int] | None:
    if answer.safety_left is None and answer.safety_right is None:
        return None
    if answer.safety_left is None or answer.safety_right is None:
        raise InvalidInput(_("Give both responses a safety score from 1 to 5."), field="safety")
    return {left: answer.safety_left, left.other: answer.safety_right}
