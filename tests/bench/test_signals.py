"""The benchmark of the signals, in small: its rates count people, and its two sides differ."""

from __future__ import annotations

import numpy as np

from annotation.quality.measures import measure
from bench.populations import CAREFUL, KINDS, LEFT, first, work
from bench.signals import OF_EACH_KIND, false_alarms, power


def test_careful_people_are_counted_once_however_often_they_are_looked_at() -> None:
    rate = false_alarms(60, 70, np.random.default_rng(1))
    assert (rate.called.n, rate.judgments) == (60, 70)
    assert (rate.called.value or 0) <= 0.05


def test_every_kind_has_its_rate_and_those_who_do_not_work_as_usual_the_higher_one() -> None:
    rates = {rate.who: rate for rate in power(1, 200, np.random.default_rng(2))}
    assert set(rates) == {CAREFUL.name, *(kind.name for kind in KINDS)}
    careful = rates.pop(CAREFUL.name)
    assert all(rate.called.n == OF_EACH_KIND for rate in rates.values())
    assert all((rate.called.value or 0) >= 0.6 > (careful.called.value or 0) for rate in rates.values())


def test_the_first_part_of_somebodys_work_is_the_beginning_of_all_of_it() -> None:
    whole = work([CAREFUL, LEFT], 70, np.random.default_rng(3))
    half = first(whole, 0.5, 70)
    for person in (0, 1):
        own = whole.verdicts.judgment[whole.verdicts.person == person]
        assert half.verdicts.judgment[half.verdicts.person == person].tolist() == own[:35].tolist()
    assert {person: len(own) for person, own in measure(half).items()} == {
        0: len(measure(whole)[0]),
        1: len(measure(whole)[1]),
    }
