"""Rows of the database -> rating patterns -> agreement, of a scope or of each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from preferences.counting import Key, Scope
from preferences.cut_labels import labelled
from preferences.cuts import Cut, patterns_by, patterns_of
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac2
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme

# The paper names AC2 but not its weights; docs/statistics.md says why these.
WEIGHTS: WeightScheme = "quadratic"


@dataclass(frozen=True)
class Line:
    """One part of a cut.

    Attributes
    ----------
    key, label : str
        What the database calls the part, and what its reader does; the key is "" for what is in no part.
    agreement : Agreement
        Of its ratings; `units` are its comparisons with at least one, `note` is in English.
    pairs : int
        Comparisons with at least two ratings: those that say something of agreement.
    patterns : RatingPatterns
        What it was computed from.
    """

    key: str
    label: str
    agreement: Agreement
    pairs: int
    patterns: RatingPatterns


def agreement_of(scope: Scope, *, weights: WeightScheme = WEIGHTS, confidence: float = 0.95) -> Agreement:
    """Gwet's AC2 over the scope's comparisons (Llama 2, section 3.4.2).

    A judgment's category is its place on the scale, from strongest for response A to strongest for response B.
    """
    return ac2(patterns_of(scope), weights, confidence=confidence)


def agreement_by(scope: Scope, cut: Cut, *, weights: WeightScheme = WEIGHTS, confidence: float = 0.95) -> list[Line]:
    """The same for each part of the scope that has ratings, in the order in which the parts are shown."""
    return lines_of(scope, cut, patterns_by(scope, cut), weights=weights, confidence=confidence)


def lines_of(
    scope: Scope,
    cut: Cut,
    found: Mapping[Key, RatingPatterns],
    *,
    weights: WeightScheme = WEIGHTS,
    confidence: float = 0.95,
) -> list[Line]:
    """The same from patterns that were counted before."""
    return [
        Line(
            key="" if key is None else str(key),
            label=label,
            agreement=ac2(found[key], weights, confidence=confidence),
            pairs=pairs_of(found[key]),
            patterns=found[key],
        )
        for key, label in labelled(scope, cut, found).items()
    ]


def pairs_of(patterns: RatingPatterns) -> int:
    """Units that two or more rated."""
    return int(patterns.multiplicity[patterns.raters >= 2].sum())
