"""Agreement whose precision is that of dialogues: the turns of one are not independent of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preferences.agreement import WEIGHTS, pairs_of
from preferences.counting import Scope, Source, one_by_one
from preferences.cuts import BITS, MOST, TURN, by_column, packed
from preferences.stats.agreement import Agreement
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.few_units import gwet_few_units
from preferences.stats.gwet import ac2
from preferences.stats.intervals import Interval
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme, matrix

DIALOGUE = Source(("t.dialogue_id",), TURN)
# Of fewer comparisons with two ratings Gwet's own interval is known not to hold; docs/coverage.md.
FEW = 50


@dataclass(frozen=True)
class Precision:
    """How well the agreement of a scope is known.

    Attributes
    ----------
    patterns : RatingPatterns
        Its comparisons.
    plain : Agreement
        As if all comparisons were independent.
    by_dialogues : Agreement or None
        With the standard error of dialogues; None where none has two comparisons with a rating, since that is `plain`.
    dialogues : int
        Dialogues with a rating.
    few : Interval or None
        The interval for few units, by dialogues, where fewer than `FEW` comparisons have two ratings.
    """

    patterns: RatingPatterns
    plain: Agreement
    by_dialogues: Agreement | None
    dialogues: int
    few: Interval | None

    @property
    def held(self) -> Agreement | Interval:
        """The interval that is held against a gate."""
        return self.few or self.by_dialogues or self.plain


def precision_of(scope: Scope, *, weights: WeightScheme = WEIGHTS, confidence: float = 0.95) -> Precision:
    """Gwet's AC2 of the scope with each interval that it has, in one reading."""
    clustered = patterns_in_dialogues(scope)
    patterns = clustered.patterns
    pairs, q = pairs_of(patterns), patterns.q
    by_dialogues = ac2(clustered, weights, confidence=confidence) if clustered.clusters < patterns.units else None
    is_few = 0 < pairs < FEW
    return Precision(
        patterns=patterns,
        plain=ac2(patterns, weights, confidence=confidence),
        by_dialogues=by_dialogues,
        dialogues=clustered.clusters,
        few=gwet_few_units(clustered, matrix(weights, np.arange(1, q + 1)), confidence=confidence) if is_few else None,
    )


def patterns_in_dialogues(scope: Scope) -> ClusteredPatterns:
    """What each comparison of the scope shows, and in which dialogue it is; categories are the scale's places."""
    places = np.arange(len(scope.scale.scores))
    dialogue, code, ratings = one_by_one(scope, DIALOGUE, [packed(scope.scale), "count(*)"])
    if ratings.max(initial=0) > MOST:
        dialogue, *columns = one_by_one(scope, DIALOGUE, by_column(scope.scale))
        return ClusteredPatterns.from_rows(dialogue, np.transpose(columns))
    codes, kind = np.unique(code, return_inverse=True)
    return ClusteredPatterns.from_units(dialogue, kind, codes[:, None] >> BITS * places & MOST)
