"""Simulated people at work, as the arrays that the signals are computed from: no database.

A pair has a latent difference in quality, to which its difference in length contributes a little. Careful people see
the difference with an error of their own size, put it on the eight points by cuts of their own, and read at a pace of
their own. The others do that, and something else in some part of their judgments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.models.concerns import SignalName
from annotation.quality.work import BoolArray, Trials, Verdicts, Work
from preferences.stats.arrays import FloatArray, IntArray

POINTS = 8
RATERS_PER_ITEM = 3
CUTS = np.array([-1.6, -0.9, -0.4, 0.0, 0.4, 0.9, 1.6])


@dataclass(frozen=True)
class Kind:
    """How somebody works: each number is the part of their judgments, or of what they write, in which they do so."""

    name: str
    guesses: float = 0.0  # anything, without reading
    left: float = 0.0  # the left response, in any degree
    longer: float = 0.0
    same_place: float = 0.0  # one place of the scale
    in_a_row: int = 0  # of the last so many judgments, the same place
    speed: float = 1.0  # how many times faster than they would be
    copies: float = 0.03
    pastes: float = 0.05
    per_week: int = 12  # prompts, and long answers, for each hundred judgments


CAREFUL = Kind("careful")
CARELESS = Kind("careless", guesses=0.8, speed=4.0)
LEFT = Kind("left-biased", left=0.5)
COPYING = Kind("copying", copies=0.6)
PASTING = Kind("pasting", pastes=0.8)
LONGER = Kind("longer", longer=0.7)
STRAIGHT = Kind("one place", same_place=0.9)
ROW = Kind("in a row", in_a_row=15)
RUSHED = Kind("too fast", speed=6.0)
KINDS = (CARELESS, LEFT, COPYING, PASTING, LONGER, STRAIGHT, ROW, RUSHED)


def work(kinds: Sequence[Kind], judgments: int, rng: np.random.Generator) -> Work:
    """A campaign in which each of these people, numbered from 0, made so many judgments."""
    person, comparison = _assigned(len(kinds), judgments, rng)
    longer = rng.normal(0, 0.5, comparison.max() + 1)  # log of the length of B over that of A
    better = rng.normal(0, 1, longer.size) + 0.4 * longer  # how much better B is
    left_is_a = rng.random(person.size) < 0.5
    category = _categories(kinds, person, better[comparison], longer[comparison], left_is_a, rng)
    shown = np.where(left_is_a, category, POINTS - 1 - category)
    verdicts = Verdicts(
        judgment=np.arange(person.size), person=person, comparison=comparison, category=category, shown=shown,
        pace=_pace(kinds, person, rng), inside=np.ones(person.size, dtype=bool),
    )  # fmt: skip
    chose_b = category >= POINTS // 2
    trials = {
        SignalName.SIDES: Trials(person, shown < POINTS // 2, verdicts.judgment),
        SignalName.LENGTH: Trials(person, chose_b == (longer[comparison] > 0), verdicts.judgment),
        **_occasions(kinds, judgments, rng),
    }
    return Work(POINTS, verdicts, trials)


def first(made: Work, part: float, judgments: int) -> Work:
    """The work as it stood when so much of each person's was done."""
    kept = made.verdicts.judgment % judgments < part * judgments
    verdicts = Verdicts(**{name: values[kept] for name, values in vars(made.verdicts).items()})
    trials = {}
    for name, one in made.trials.items():
        share = _rank(one.person) < part * np.bincount(one.person)[one.person]
        trials[name] = Trials(one.person[share], one.hit[share], one.subject[share])
    return Work(made.categories, verdicts, trials)


def _rank(person: IntArray) -> IntArray:
    """The place of each entry among its person's; entries of a person stand together."""
    begins = np.searchsorted(person, person, side="left")
    return np.arange(person.size) - begins


def _assigned(people: int, judgments: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Who judges what: three for each comparison, by rounds; people stand together, in order."""
    person = np.repeat(np.arange(people), judgments)
    comparisons = -(-person.size // RATERS_PER_ITEM)
    rounds = [rng.permutation(comparisons) for _ in range(RATERS_PER_ITEM)]
    return person, np.concatenate(rounds)[rng.permutation(comparisons * RATERS_PER_ITEM)][: person.size]


def _each(kinds: Sequence[Kind], what: str, person: IntArray) -> FloatArray:
    return np.array([float(getattr(kind, what)) for kind in kinds])[person]


def _categories(
    kinds: Sequence[Kind],
    person: IntArray,
    better: FloatArray,
    longer: FloatArray,
    left_is_a: BoolArray,
    rng: np.random.Generator,
) -> IntArray:
    error, stretch = (rng.lognormal(mean, 0.25, len(kinds))[person] for mean in (np.log(0.5), 0.0))
    seen = stretch * (better + rng.normal(0, 1, person.size) * error)
    category = np.searchsorted(CUTS, seen)
    degree = rng.integers(0, POINTS // 2, person.size)
    any_place = rng.integers(0, POINTS, person.size)
    to_the_left = np.where(left_is_a, degree, POINTS - 1 - degree)
    to_the_longer = np.where(longer > 0, POINTS - 1 - degree, degree)
    fixed = np.where(left_is_a, 2, POINTS - 1 - 2)
    draws = rng.random((4, person.size))
    last = _rank(person) >= np.bincount(person)[person] - _each(kinds, "in_a_row", person)
    for draw, what, instead in zip(
        draws,
        ("guesses", "left", "longer", "same_place"),
        (any_place, to_the_left, to_the_longer, fixed),
        strict=True,
    ):
        category = np.where(draw < _each(kinds, what, person), instead, category)
    return np.asarray(np.where(last, fixed, category), dtype=np.int64)


def _pace(kinds: Sequence[Kind], person: IntArray, rng: np.random.Generator) -> FloatArray:
    own = rng.normal(0, 0.35, len(kinds))[person]
    return own + rng.normal(0, 0.5, person.size) - np.log(_each(kinds, "speed", person))


def _occasions(kinds: Sequence[Kind], judgments: int, rng: np.random.Generator) -> Mapping[SignalName, Trials]:
    """What happens beside the judgments: known verdicts and pairs shown again (5 % each), prompts, long answers."""
    beside = np.repeat(np.arange(len(kinds)), max(1, judgments // 20))
    written = np.repeat(np.arange(len(kinds)), [max(1, kind.per_week * judgments // 100) for kind in kinds])
    fails = np.maximum(_each(kinds, "guesses", beside), _each(kinds, "same_place", beside))

    def drawn(person: IntArray, share: FloatArray | float) -> Trials:
        return Trials(person, rng.random(person.size) < share, np.arange(person.size))

    return {
        SignalName.GOLD: drawn(beside, 0.92 - 0.42 * fails),
        SignalName.CONSISTENCY: drawn(beside, 0.88 - 0.38 * fails),
        SignalName.COPIED: drawn(written, _each(kinds, "copies", written)),
        SignalName.PASTED: drawn(written, _each(kinds, "pastes", written)),
    }
