"""The scales of a comparison: which verdicts exist, in order from strongest for A to strongest for B.

A verdict's score is signed and the same word has the same score on every scale, so that a scale is the ordered tuple
of scores that it offers and a category index is a place in that tuple. The safety scale rates one response and compares
none: its scores are the ratings themselves (docs/adr/0018).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences.choices import Chosen, Degree, Position
from preferences.errors import InvalidInput

STRENGTH = {
    Degree.SIGNIFICANTLY_BETTER: 4,
    Degree.BETTER: 3,
    Degree.SLIGHTLY_BETTER: 2,
    Degree.NEGLIGIBLY_BETTER: 1,
}
DEGREE_OF = {strength: degree for degree, strength in STRENGTH.items()}

# A safety score of 1 or 2 is a violation (Llama 2, section 4.4).
HIGHEST_VIOLATION = 2


class Scale(TextChoices):
    EIGHT_POINT = "eight_point", gettext_lazy("Forced choice, four degrees")
    SEVEN_POINT = "seven_point", gettext_lazy("Seven points with a tie")
    THREE_POINT = "three_point", gettext_lazy("Better, same, worse")
    TWO_POINT = "two_point", gettext_lazy("Forced choice, no degree")
    SAFETY = "safety", gettext_lazy("Safety of one response, five points")

    @property
    def scores(self) -> tuple[int, ...]:
        return _SCORES[self]

    @property
    def has_tie(self) -> bool:
        return 0 in self.scores

    @property
    def has_degree(self) -> bool:
        return 4 in self.scores and not self.rates_one

    @property
    def rates_one(self) -> bool:
        """Whether one response is rated on it and no two are compared (Llama 2, section 4.4)."""
        return self is Scale.SAFETY


_SCORES: dict[Scale, tuple[int, ...]] = {
    Scale.EIGHT_POINT: (-4, -3, -2, -1, 1, 2, 3, 4),
    Scale.SEVEN_POINT: (-4, -3, -2, 0, 2, 3, 4),
    Scale.THREE_POINT: (-1, 0, 1),
    Scale.TWO_POINT: (-1, 1),
    Scale.SAFETY: (1, 2, 3, 4, 5),
}


@dataclass(frozen=True)
class Verdict:
    """Which response was chosen and by how much; the degree is None for a tie and on scales without degrees.

    Of one response that is rated and not compared it has the rating.
    """

    chosen: Chosen
    degree: Degree | None
    rating: int | None = None

    @property
    def score(self) -> int | None:
        """Below zero for A, above for B, zero for a tie, none for neither, of one response its rating.

        The database computes the same number.
        """
        if self.chosen is Chosen.RATED:
            return self.rating
        if self.chosen is Chosen.NEITHER:
            return None
        if self.chosen is Chosen.TIE:
            return 0
        strength = STRENGTH[self.degree] if self.degree else 1
        return -strength if self.chosen is Chosen.A else strength

    def mirrored(self) -> Verdict:
        """The same verdict seen with the two responses swapped."""
        other = {Chosen.A: Chosen.B, Chosen.B: Chosen.A}
        return Verdict(other.get(self.chosen, self.chosen), self.degree, self.rating)


def verdict_at(scale: Scale, place: int) -> Verdict:
    """The verdict at `place`, 1 to the number of points, counted from strongest for A or from the least safe."""
    if not 1 <= place <= len(scale.scores):
        raise InvalidInput(_("Choose one of the %(count)d verdicts.") % {"count": len(scale.scores)}, field="verdict")
    score = scale.scores[place - 1]
    if scale.rates_one:
        return Verdict(Chosen.RATED, None, score)
    if score == 0:
        return Verdict(Chosen.TIE, None)
    degree = DEGREE_OF[abs(score)] if scale.has_degree else None
    return Verdict(Chosen.A if score < 0 else Chosen.B, degree)


def check_on_scale(scale: Scale, verdict: Verdict) -> None:
    """Refuses a verdict that the scale does not offer."""
    if scale.rates_one:
        _check_rates_one(scale, verdict)
        return
    if verdict.chosen is Chosen.RATED or verdict.rating is not None:
        raise InvalidInput(_("Two responses are compared here: say which one is better."), field="verdict")
    if verdict.chosen is Chosen.TIE and not scale.has_tie:
        raise InvalidInput(_("This scale has no tie: choose one of the two responses."), field="verdict")
    one_is_chosen = verdict.chosen in Position.values
    if one_is_chosen and scale.has_degree and verdict.degree is None:
        raise InvalidInput(_("This scale asks by how much: give a degree."), field="degree")
    if verdict.degree is None:
        return
    if not one_is_chosen:
        raise InvalidInput(_("A tie has no degree: leave the degree out."), field="degree")
    if not scale.has_degree:
        raise InvalidInput(_("This scale has no degrees: leave the degree out."), field="degree")
    if verdict.score not in scale.scores:
        raise InvalidInput(
            _("The degree “%(degree)s” is not on this scale.") % {"degree": verdict.degree.label}, field="degree"
        )


def _check_rates_one(scale: Scale, verdict: Verdict) -> None:
    if verdict != Verdict(Chosen.RATED, None, verdict.rating) or verdict.rating not in scale.scores:
        raise InvalidInput(_("One response is rated here: give it a score from 1 to 5."), field="verdict")
