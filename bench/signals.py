"""How often the signals call somebody unusual who works as usual, and how often somebody who does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from annotation.models.concerns import SignalName
from annotation.quality.measures import measure
from annotation.quality.work import LOOKS_PER_WEEK, Work
from bench.populations import CAREFUL, KINDS, first, work
from preferences.stats import Tested, share

SIZES = (50, 100, 200, 400)
CAREFUL_AMONG = 160  # careful people beside whom the others work
OF_EACH_KIND = 5


@dataclass(frozen=True)
class Rate:
    """How many of these people were called unusual, and by which signals."""

    who: str
    judgments: int
    called: Tested
    by: Counter[SignalName]


def false_alarms(people: int, judgments: int, rng: np.random.Generator) -> Rate:
    """Careful people only, in one week of so many judgments each, looked at every day of it."""
    whole = work([CAREFUL] * people, judgments, rng)
    called: dict[int, set[SignalName]] = {}
    for day in range(1, LOOKS_PER_WEEK + 1):
        for person, names in _unusual(first(whole, day / LOOKS_PER_WEEK, judgments) if day < LOOKS_PER_WEEK else whole):
            called.setdefault(person, set()).update(names)
    return _rate("careful, a week of daily looks", judgments, people, list(called.values()))


def power(rounds: int, judgments: int, rng: np.random.Generator) -> list[Rate]:
    """One look at campaigns in which a fifth of the people, of every kind, does not work as usual."""
    kinds = [CAREFUL] * CAREFUL_AMONG + [kind for kind in KINDS for _ in range(OF_EACH_KIND)]
    called: dict[str, list[set[SignalName]]] = {}
    for _ in range(rounds):
        for person, names in _unusual(work(kinds, judgments, rng)):
            called.setdefault(kinds[person].name, []).append(names)
    total = Counter(kind.name for kind in kinds)
    return [_rate(name, judgments, rounds * count, called.get(name, [])) for name, count in total.items()]


def _unusual(made: Work) -> list[tuple[int, set[SignalName]]]:
    found = {person: {one.name for one in own if one.unusual} for person, own in measure(made).items()}
    return [(person, names) for person, names in found.items() if names]


def _rate(who: str, judgments: int, people: int, called: list[set[SignalName]]) -> Rate:
    return Rate(who, judgments, share(len(called), people), Counter(name for names in called for name in names))
