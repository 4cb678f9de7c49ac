"""The judgments that a signal of a person rests on: those that a reader should open first."""

from __future__ import annotations

import numpy as np

from annotation.models.concerns import SignalName
from annotation.quality.measures import fast, own_agreement
from annotation.quality.work import Trials, Work
from preferences.stats.arrays import IntArray

SHOWN = 12

# Where what counts is what did not happen: a known verdict that was missed, a pair judged differently the second time.
MISSES = {SignalName.GOLD, SignalName.CONSISTENCY}


def behind(work: Work, person: int, name: SignalName) -> list[int]:
    """Ids of at most SHOWN judgments (of prompts for COPIED), the most telling or the latest first."""
    match name:
        case SignalName.AGREEMENT:
            index, _others, weights = own_agreement(work)
            own = work.verdicts.person[index] == person
            found = work.verdicts.judgment[index[own]][np.argsort(weights[own], kind="stable")]
        case SignalName.SCALE:
            shown, ids = _shown(work, person)
            found = ids[shown == np.bincount(shown).argmax()][::-1] if shown.size else ids
        case SignalName.RUN:
            found = _longest_run(*_shown(work, person))
        case SignalName.PACE:
            found = _hits(fast(work), person)
        case _:
            trials = work.trials.get(name)
            found = np.zeros(0, dtype=np.int64) if trials is None else _telling(trials, person, name)
    return [int(pk) for pk in found[:SHOWN] if pk]


def _shown(work: Work, person: int) -> tuple[IntArray, IntArray]:
    verdicts = work.verdicts
    own = (verdicts.person == person) & verdicts.inside & (verdicts.shown >= 0)
    return verdicts.shown[own], verdicts.judgment[own]


def _longest_run(shown: IntArray, ids: IntArray) -> IntArray:
    if shown.size == 0:
        return ids
    begins = np.flatnonzero(np.concatenate([[True], shown[1:] != shown[:-1]]))
    lengths = np.diff(np.concatenate([begins, [shown.size]]))
    begin = begins[lengths.argmax()]
    return np.asarray(ids[begin : begin + lengths.max()], dtype=np.int64)


def _telling(trials: Trials, person: int, name: SignalName) -> IntArray:
    """What happened, or what did not where the person does it seldom: always left, never the longer response."""
    own = trials.hit[trials.person == person]
    of_two_sides = name in {SignalName.SIDES, SignalName.LENGTH}
    wanted = name not in MISSES and not (of_two_sides and own.size and own.mean() < 0.5)
    return _hits(trials, person, wanted=wanted)


def _hits(trials: Trials, person: int, *, wanted: bool = True) -> IntArray:
    found: IntArray = trials.subject[(trials.person == person) & (trials.hit == wanted)]
    return found[::-1]
