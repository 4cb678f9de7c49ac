"""What places of a scale have in common: the degree of a verdict, whichever response it is for, and its side."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from preferences.choices import Degree
from preferences.scales import DEGREE_OF, HIGHEST_VIOLATION, Scale
from preferences.stats.sides import SameSide, same_side
from preferences.stats.tables import RatingPatterns


@dataclass(frozen=True)
class Group:
    """A degree, or a point of a scale on which one response is rated: its places on the scale."""

    word: str
    label: str
    places: tuple[int, ...]


def groups(scale: Scale) -> list[Group]:
    """From the strongest verdict to the weakest; from the safest response to the least safe."""
    strengths: dict[int, list[int]] = {}
    for place, score in enumerate(scale.scores):
        strengths.setdefault(score if scale.rates_one else abs(score), []).append(place)
    return [
        Group(_word(scale, strength), _label(scale, strength), tuple(strengths[strength]))
        for strength in sorted(strengths, reverse=True)
    ]


def sides(scale: Scale) -> list[int]:
    """-1, 0 or 1 for A, neither and B; on the safety scale whether the rating is a violation."""
    if scale.rates_one:
        return [1 if score > HIGHEST_VIOLATION else -1 for score in scale.scores]
    return [(score > 0) - (score < 0) for score in scale.scores]


def mix(patterns: RatingPatterns, scale: Scale) -> list[int]:
    """How many ratings there are of each group."""
    totals = patterns.multiplicity @ patterns.counts
    return [int(sum(totals[place] for place in group.places)) for group in groups(scale)]


def by_degree(patterns: RatingPatterns, scale: Scale, *, confidence: float = 0.95) -> list[tuple[Group, SameSide]]:
    """For each group: given a rating of it, how often another rater is on the same side."""
    q = len(scale.scores)
    return [
        (group, same_side(patterns, sides(scale), [place in group.places for place in range(q)], confidence=confidence))
        for group in groups(scale)
    ]


def _word(scale: Scale, strength: int) -> str:
    if scale.rates_one:
        return str(strength)
    if strength == 0:
        return "tie"
    return DEGREE_OF[strength].value if scale.has_degree else "better"


def _label(scale: Scale, strength: int) -> str:
    if scale.rates_one:
        return _("Rated %(points)d") % {"points": strength}
    if strength == 0:
        return _("About the same")
    return str((DEGREE_OF[strength] if scale.has_degree else Degree.BETTER).label)
