"""Simulated people: the signals find those who do not work as usual, and leave those alone who do.

The full figures are measured by `make signals` (bench/README.md).
"""

from __future__ import annotations

import numpy as np
import pytest

from annotation.models import SignalName
from annotation.quality.behind import SHOWN, behind
from annotation.quality.measures import measure
from annotation.quality.work import ALARM, ALARM_PER_WEEK, Signal, Verdicts, Work
from bench.populations import (
    CAREFUL,
    CARELESS,
    COPYING,
    KINDS,
    LEFT,
    LONGER,
    PASTING,
    ROW,
    RUSHED,
    STRAIGHT,
    Kind,
    first,
    work,
)  # fmt: skip

CAREFUL_PEOPLE, OF_EACH_KIND, JUDGMENTS = 120, 4, 200
PEOPLE = [CAREFUL] * CAREFUL_PEOPLE + [kind for kind in KINDS for _ in range(OF_EACH_KIND)]

BY_WHICH = {
    CARELESS: SignalName.AGREEMENT,
    LEFT: SignalName.SIDES,
    COPYING: SignalName.COPIED,
    PASTING: SignalName.PASTED,
    LONGER: SignalName.LENGTH,
    STRAIGHT: SignalName.SCALE,
    ROW: SignalName.RUN,
    RUSHED: SignalName.PACE,
}


@pytest.fixture(scope="module")
def made() -> Work:
    return work(PEOPLE, JUDGMENTS, np.random.default_rng(20))


@pytest.fixture(scope="module")
def found(made: Work) -> dict[int, list[Signal]]:
    return measure(made)


def unusual(signals: list[Signal]) -> set[SignalName]:
    return {signal.name for signal in signals if signal.unusual}


def of(kind: Kind, found: dict[int, list[Signal]]) -> list[set[SignalName]]:
    return [unusual(found[person]) for person, own in enumerate(PEOPLE) if own is kind]


def test_every_kind_of_people_is_looked_for() -> None:
    assert set(BY_WHICH) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_those_who_do_not_work_as_usual_are_found_by_the_signal_made_for_it(
    found: dict[int, list[Signal]], kind: Kind
) -> None:
    by_it = [BY_WHICH[kind] in names for names in of(kind, found)]
    assert sum(by_it) >= OF_EACH_KIND - 1


def test_careful_people_among_them_are_left_alone(found: dict[int, list[Signal]]) -> None:
    assert sum(bool(names) for names in of(CAREFUL, found)) <= 2


def test_a_week_of_daily_looks_at_careful_people_raises_as_few_alarms_as_stated() -> None:
    people = 300
    whole = work([CAREFUL] * people, 70, np.random.default_rng(21))
    called: set[int] = set()
    for day in range(1, 8):
        called |= {person for person, own in measure(first(whole, day / 7, 70)).items() if unusual(own)}
    # Nine of 300 would be a chance of 1 in 300 at the stated rate.
    assert len(called) / people <= 3 * ALARM_PER_WEEK


def test_who_only_guesses_agrees_with_nobody_whatever_their_pace() -> None:
    slow = Kind("slow guessing", guesses=1.0)
    found = measure(work([CAREFUL] * 40 + [slow], 150, np.random.default_rng(22)))
    assert unusual(found[40]) >= {SignalName.AGREEMENT}


def test_a_few_judgments_call_nobody_unusual() -> None:
    kinds = [CAREFUL] * 20 + [LEFT, LONGER, PASTING, COPYING] * 2
    found = measure(work(kinds, 8, np.random.default_rng(23)))
    assert [person for person, own in found.items() if unusual(own)] == []
    assert all(signal.p is None for own in found.values() for signal in own)


def test_a_persons_signals_come_in_one_order_and_are_adjusted_together(found: dict[int, list[Signal]]) -> None:
    order = list(SignalName)
    for own in found.values():
        names = [signal.name for signal in own]
        assert names == sorted(names, key=order.index) and len(set(names)) == len(names)
        for signal in own:
            assert (signal.adjusted is None) == (signal.p is None)
            assert signal.adjusted is None or signal.adjusted >= (signal.p or 0)
            assert signal.unusual == (signal.adjusted is not None and signal.adjusted <= ALARM)


def test_nobody_and_a_single_person_have_no_others_to_be_compared_with() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert measure(Work(8, Verdicts(none, none, none, none, none, np.zeros(0), none == 1))) == {}
    alone = {signal.name: signal for signal in measure(work([LONGER], 60, np.random.default_rng(24)))[0]}
    assert alone[SignalName.LENGTH].value is not None
    assert (alone[SignalName.LENGTH].p, alone[SignalName.SCALE].p) == (None, None)


def test_the_judgments_behind_a_signal_show_what_it_says(made: Work) -> None:
    first_of = {kind: PEOPLE.index(kind) for kind in KINDS}
    verdicts = made.verdicts
    left = behind(made, first_of[LEFT], SignalName.SIDES)
    assert len(left) == SHOWN and (verdicts.shown[left] < 4).all()
    row = behind(made, first_of[ROW], SignalName.RUN)
    assert len(set(verdicts.shown[row].tolist())) == 1
    place = behind(made, first_of[STRAIGHT], SignalName.SCALE)
    assert set(verdicts.shown[place].tolist()) == {2}
    quick = behind(made, first_of[RUSHED], SignalName.PACE)
    assert verdicts.pace[quick].max() < np.median(verdicts.pace)
    against = behind(made, first_of[CARELESS], SignalName.AGREEMENT)
    assert len(against) == SHOWN
    for person, ids in ((first_of[LEFT], left), (first_of[ROW], row), (first_of[CARELESS], against)):
        assert set(verdicts.person[ids].tolist()) == {person}


def test_who_never_chooses_the_left_is_shown_by_what_was_chosen_instead() -> None:
    made = work([CAREFUL] * 5, 40, np.random.default_rng(25))
    sides = made.trials[SignalName.SIDES]
    sides.hit[sides.person == 0] = False
    assert len(behind(made, 0, SignalName.SIDES)) == SHOWN


@pytest.mark.parametrize("name", SignalName)
def test_who_did_nothing_has_nothing_behind_any_signal(made: Work, name: SignalName) -> None:
    assert behind(made, 10_000, name) == []
