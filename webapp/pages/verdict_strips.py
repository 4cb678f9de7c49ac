"""A comparison's ratings as dots on its scale, with the words of each for who cannot see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from preferences.choices import Chosen
from preferences.scales import DEGREE_OF, Scale
from webapp.charts.axes import at
from webapp.pages.pairs import SAFETY_POINTS

LEAST, MORE = 3.5, 1.5  # radius of one rating, and what each further one adds


@dataclass(frozen=True)
class Dot:
    x: str
    radius: float


@dataclass(frozen=True)
class Strip:
    dots: list[Dot]
    ticks: list[str]
    words: str


def strip(scale: Scale, scores: Sequence[int]) -> Strip:
    found = Counter(scores)
    ticks = {score: at(100 * (place + 0.5) / len(scale.scores)) for place, score in enumerate(scale.scores)}
    return Strip(
        dots=[Dot(ticks[score], LEAST + MORE * (count - 1)) for score, count in sorted(found.items())],
        ticks=list(ticks.values()),
        words="; ".join(
            words_of(scale, score) if count == 1 else f"{count} × {words_of(scale, score)}"
            for score, count in sorted(found.items())
        ),
    )


def words_of(scale: Scale, score: int) -> str:
    """The verdict of this score, in terms of A and B."""
    if scale.rates_one:
        return f"{score} · {next(words for points, words, _long in SAFETY_POINTS if points == score)}"
    if score == 0:
        return str(Chosen.TIE.label)
    how = str(DEGREE_OF[abs(score)].label) if scale.has_degree else _("Better")
    return (_("A: %(degree)s") if score < 0 else _("B: %(degree)s")) % {"degree": how}
