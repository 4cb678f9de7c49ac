"""The work of a campaign's people, as arrays -> the signals of each person.

Every signal is a statistic with its interval and a p value for “it lies where it usually does”. The usual range is a
fixed one, or what the other people of the same campaign do, with a tolerance: people differ, and a difference that is
certain but small is nobody's fault. The p values of one person are corrected for their number (Holm), so that somebody
who works as usual is called unusual in any signal with a probability of at most ALARM at each look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np

from annotation.models.concerns import SignalName
from annotation.quality.work import Signal, Trials, Work
from preferences.agreement import WEIGHTS
from preferences.stats import (
    RatingPatterns,
    Tested,
    ac2,
    agreement_with_others,
    entropy,
    holm,
    longest_run,
    share,
    usual,
)
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.weights import matrix

FEWEST = 20  # occasions below which a signal is shown and not tested
FEWEST_COUNTED = 10  # the same for what is counted, whose tests are exact
FEWEST_PEOPLE = 3  # with so many occasions, for a comparison with what others do

SIDES = (0.45, 0.55)
FAST_LIMIT = 2.0  # robust standard deviations below the campaign's median pace
MOST_FAST = 0.2
MOST_COPIED = 0.1
MOST_PASTED = 0.2
TOLERANCE_AGREEMENT = 0.1  # of AC2, below the campaign's
TOLERANCE_SCALE = 0.25  # of normalised entropy, below the median person's
TOLERANCE_LENGTH = 0.15  # of a share, on either side of the others'
TOLERANCE_CONSISTENCY = 0.15


def measure(work: Work) -> dict[int, list[Signal]]:
    """The signals of every person who judged or wrote something, by the person's id, in the order of SignalName."""
    found: dict[int, list[Signal]] = {}
    for measured in (_agreement, _scale, _run, _shares):
        for person, signal in measured(work):
            found.setdefault(person, []).append(signal)
    order = list(SignalName)
    return {person: _adjusted(sorted(own, key=lambda one: order.index(one.name))) for person, own in found.items()}


def fast(work: Work) -> Trials:
    """Which judgments were faster, for what there was to read, than nearly all of the campaign's."""
    verdicts = work.verdicts
    known = verdicts.inside & ~np.isnan(verdicts.pace)
    limit = usual(verdicts.pace[known], FAST_LIMIT).low
    hit = verdicts.pace[known] < (-np.inf if limit is None else limit)
    return Trials(verdicts.person[known], hit, verdicts.judgment[known])


def own_agreement(work: Work) -> tuple[IntArray, FloatArray, FloatArray]:
    """Of each judgment that others rated too: its index, the others' counts, and the mean weight of its agreement."""
    verdicts, q = work.verdicts, work.categories
    rated = np.flatnonzero(verdicts.category >= 0)
    if rated.size == 0:
        return rated, np.zeros((0, q)), np.zeros(0)
    _ids, pair = np.unique(verdicts.comparison[rated], return_inverse=True)
    single = np.eye(q)[verdicts.category[rated]]
    totals = np.zeros((pair.max() + 1, q))
    np.add.at(totals, pair, single)
    others = totals[pair] - single
    chosen = verdicts.inside[rated] & others.any(axis=1)
    index, others = rated[chosen], others[chosen]
    weights = matrix(WEIGHTS, np.arange(1, q + 1))[verdicts.category[index]]
    return index, others, (weights * others).sum(axis=1) / others.sum(axis=1)


def _agreement(work: Work) -> list[tuple[int, Signal]]:
    verdicts, q = work.verdicts, work.categories
    index, others, _weights = own_agreement(work)
    if q < 2 or index.size == 0:
        return []
    bound = _campaign_agreement(work)
    at_least = None if bound is None else bound - TOLERANCE_AGREEMENT
    weights, people = matrix(WEIGHTS, np.arange(1, q + 1)), verdicts.person[index]
    return [
        (person, _signal(SignalName.AGREEMENT, agreement_with_others(
            verdicts.category[index[own]], others[own], weights, at_least=at_least
        ), at_least=at_least))
        for person, own in _each(people)
    ]  # fmt: skip


def _campaign_agreement(work: Work) -> float | None:
    rated = work.verdicts.category >= 0
    _ids, pair = np.unique(work.verdicts.comparison[rated], return_inverse=True)
    counts = np.zeros((pair.max() + 1, work.categories), dtype=np.int64)
    np.add.at(counts, (pair, work.verdicts.category[rated]), 1)
    return ac2(RatingPatterns.from_counts(counts), WEIGHTS).value


def _scale(work: Work) -> list[tuple[int, Signal]]:
    """Evenness of use, of the places as they were shown, beside that of the median person."""
    people, shown = _shown(work)
    counts = {person: np.bincount(shown[own], minlength=work.categories) for person, own in _each(people)}
    values = [entropy(used).value or 0.0 for used in counts.values() if used.sum() >= FEWEST]
    at_least = max(0.0, median(values) - TOLERANCE_SCALE) if len(values) >= FEWEST_PEOPLE else None
    return [
        (person, _signal(SignalName.SCALE, entropy(used, at_least=at_least), at_least=at_least))
        for person, used in counts.items()
    ]


def _run(work: Work) -> list[tuple[int, Signal]]:
    people, shown = _shown(work)
    return [(person, _signal(SignalName.RUN, longest_run(shown[own]))) for person, own in _each(people)]


def _shown(work: Work) -> tuple[IntArray, IntArray]:
    """Person and place as shown of each verdict that has one."""
    verdicts = work.verdicts
    known = verdicts.inside & (verdicts.shown >= 0)
    return verdicts.person[known], verdicts.shown[known]


def _shares(work: Work) -> list[tuple[int, Signal]]:
    found = []
    for name, trials in {**work.trials, SignalName.PACE: fast(work)}.items():
        total, hits, usual_range = trials.person.size, int(trials.hit.sum()), _range_of(name, work)
        for person, own in _each(trials.person):
            n, successes = own.size, int(trials.hit[own].sum())
            at_least, at_most = usual_range(hits - successes, total - n)
            tested = share(successes, n, at_least=at_least or 0.0, at_most=1.0 if at_most is None else at_most)
            found.append((person, _signal(name, tested, at_least=at_least, at_most=at_most)))
    return found


Range = tuple[float | None, float | None]


def _like_the_others(tolerance: float, *, above: bool) -> Callable[[int, int], Range]:
    """A range around the share of the others' occasions; none where they have too few."""

    def around(hits: int, total: int) -> Range:
        if total < FEWEST * (FEWEST_PEOPLE - 1):
            return None, None
        middle = hits / total
        return max(0.0, middle - tolerance), min(1.0, middle + tolerance) if above else None

    return around


def _always(at_least: float | None, at_most: float | None) -> Callable[[int, int], Range]:
    return lambda hits, total: (at_least, at_most)


def _range_of(name: SignalName, work: Work) -> Callable[[int, int], Range]:
    """What is usual of a share, given how often it happened to the others, of how many occasions."""
    return {
        SignalName.GOLD: _always(work.least_gold, None),
        SignalName.CONSISTENCY: _like_the_others(TOLERANCE_CONSISTENCY, above=False),
        SignalName.SIDES: _always(*SIDES),
        SignalName.LENGTH: _like_the_others(TOLERANCE_LENGTH, above=True),
        SignalName.PACE: _always(None, MOST_FAST),
        SignalName.COPIED: _always(None, MOST_COPIED),
        SignalName.PASTED: _always(None, MOST_PASTED),
    }[name]


def _each(people: IntArray) -> list[tuple[int, IntArray]]:
    """The indices of each person's entries, in their order."""
    order = np.argsort(people, kind="stable")
    ids, begins = np.unique(people[order], return_index=True)
    return list(zip(ids.tolist(), np.split(order, begins[1:]), strict=True)) if ids.size else []


def _signal(name: SignalName, tested: Tested, *, at_least: float | None = None, at_most: float | None = None) -> Signal:
    fewest = FEWEST if name in {SignalName.AGREEMENT, SignalName.SCALE} else FEWEST_COUNTED
    is_tested = tested.n >= fewest and (name is SignalName.RUN or (at_least, at_most) != (None, None))
    return Signal(
        name=name, value=tested.value, low=tested.low, high=tested.high, n=tested.n,
        at_least=at_least, at_most=at_most, p=tested.p if is_tested else None,
    )  # fmt: skip


def _adjusted(signals: list[Signal]) -> list[Signal]:
    tested = {signal.name: signal.p for signal in signals if signal.p is not None}
    after = dict(zip(tested, holm(list(tested.values())).tolist(), strict=True))
    return [replace(signal, adjusted=after.get(signal.name)) for signal in signals]
