"""Which parts of a cut agree less than the rest, by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from preferences.agreement import WEIGHTS, Line
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac2
from preferences.stats.tables import RatingPatterns
from preferences.stats.tested import holm
from preferences.stats.weights import WeightScheme

ALPHA = 0.05
LEAST_PAIRS = 20  # below it Gwet's standard error is not to be trusted with a test


@dataclass(frozen=True)
class Part:
    """A line beside the rest of its cut; `p` is of “it agrees at least as well as the rest”, for all lines together."""

    line: Line
    rest: Agreement
    p: float | None

    @property
    def is_weak(self) -> bool:
        return self.p is not None and self.p <= ALPHA


def compared(lines: Sequence[Line], *, weights: WeightScheme = WEIGHTS) -> list[Part]:
    """Each line against all others together, the one with the lowest coefficient first.

    The statistic is ``(AC - AC_rest) / sqrt(se^2 + se_rest^2)``, one-sided and normal, its p values corrected for the
    number of lines (Holm, 1979). Lines, or rests, of fewer than 20 comparisons with two ratings are not tested.
    """
    rests = [_rest(line, lines, weights) for line in lines]
    found = [_p_value(line, rest, lines) for line, rest in zip(lines, rests, strict=True)]
    known = [(place, p) for place, p in enumerate(found) if p is not None]
    adjusted = dict(zip([place for place, _p in known], holm([p for _place, p in known]).tolist(), strict=True))
    parts = [Part(line, rest, adjusted.get(place)) for place, (line, rest) in enumerate(zip(lines, rests, strict=True))]
    return sorted(parts, key=lambda part: (part.line.agreement.value is None, part.line.agreement.value or 0.0))


def _rest(line: Line, lines: Sequence[Line], weights: WeightScheme) -> Agreement:
    others = [one for one in lines if one is not line]
    return ac2(_together(others), weights) if others else line.agreement


def _together(lines: Sequence[Line]) -> RatingPatterns:
    return RatingPatterns(
        np.concatenate([line.patterns.counts for line in lines]),
        np.concatenate([line.patterns.multiplicity for line in lines]),
    )


def _p_value(line: Line, rest: Agreement, lines: Sequence[Line]) -> float | None:
    one = line.agreement
    others = sum(other.pairs for other in lines) - line.pairs
    if min(line.pairs, others) < LEAST_PAIRS or one.value is None or rest.value is None:
        return None
    error = sqrt((one.se or 0.0) ** 2 + (rest.se or 0.0) ** 2)
    if error == 0:
        return None
    return NormalDist().cdf((one.value - rest.value) / error)
