"""What signals are made of: the work of a campaign's people as arrays, and a signal. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation.models.concerns import SignalName
from preferences.stats.arrays import FloatArray, IntArray

BoolArray = NDArray[np.bool_]

# One person and week: a careful person is called unusual once in a hundred weeks, whichever signal it is, although
# somebody looks every day.
ALARM_PER_WEEK = 0.01
LOOKS_PER_WEEK = 7
LEAST_GOLD = 0.7  # of known verdicts met, where the campaign has no bar of its own
ALARM = ALARM_PER_WEEK / LOOKS_PER_WEEK


@dataclass(frozen=True, eq=False)
class Trials:
    """Occasions on which something happened or not: whose, whether, and the id of what it is about."""

    person: IntArray
    hit: BoolArray
    subject: IntArray


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Judgments in the order of their person and time, each an entry of every array."""

    judgment: IntArray
    person: IntArray
    comparison: IntArray
    category: IntArray  # place on the scale, from strongest for A; -1 where the verdict has none
    shown: IntArray  # place as it was shown, from strongest for the left; -1 where it has none or is not known
    pace: FloatArray  # logarithm of active seconds for each character read; NaN where not known
    inside: BoolArray  # of the time that is looked at; the others are there as peers only


@dataclass(frozen=True, eq=False)
class Work:
    """What the people of one campaign did in some time."""

    categories: int
    verdicts: Verdicts
    trials: Mapping[SignalName, Trials] = field(default_factory=dict)
    least_gold: float = LEAST_GOLD


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One statistic of one person: its value between `low` and `high`, beside the usual range.

    `adjusted` is the p value after Holm's correction over the person's signals; `unusual` is whether it is at most
    ALARM. None where there is too little to test.
    """

    name: SignalName
    value: float | None
    low: float | None
    high: float | None
    n: int
    at_least: float | None = None
    at_most: float | None = None
    p: float | None = None
    adjusted: float | None = None

    @property
    def unusual(self) -> bool:
        return self.adjusted is not None and self.adjusted <= ALARM
