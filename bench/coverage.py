"""How often the 95% intervals of `preferences.stats` hold the truth, by simulation and where possible exactly.

`make coverage` prints the tables of docs/statistics.md. Raters are those of `preferences.stats.planning.model`: they
see a unit's category with some chance and guess otherwise, so that the true coefficient is known.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import product
from math import log

import numpy as np
from scipy import special, stats

from preferences.stats import (
    ClusteredPatterns,
    Interval,
    RatingPatterns,
    clopper_pearson,
    gwet_ac,
    gwet_few_units,
    newcombe,
    planning,
    weights,
    wilson,
)
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.gwet import estimate
from preferences.stats.paired import half_points
from preferences.stats.sequential import Capital

SCALES = {
    "AC1, 2 points": weights.identity(2),
    "AC2, 5 points": weights.ordinal(5),
    "AC2, 8 points": weights.quadratic(range(8)),
}
AGREEMENTS = (0.4, 0.7, 0.9, 0.95)
UNITS = (20, 50, 200, 1000)
# Raters for each unit, and the share of their ratings that is missing.
PANELS = ((2, 0.0), (3, 0.0), (5, 0.0), (3, 0.5))
DIALOGUES = (20, 50, 200)
Row = tuple[str, ...]


def holds(low: float | None, high: float | None, truth: float) -> bool:
    return low is not None and high is not None and low <= truth <= high


def percent(hits: list[bool]) -> str:
    return f"{100 * np.mean(hits):.1f}" if hits else "–"


def patterns(quality: float, raters: int, q: int, missing: float) -> tuple[IntArray, FloatArray]:
    """All patterns of these raters, fewer of them where ratings are missing, and how likely each is."""
    sizes = range(1, raters + 1) if missing else [raters]
    chances = [special.binom(raters, r) * (1 - missing) ** r * missing ** (raters - r) for r in sizes]
    models = [planning.model(quality, r, q) for r in sizes]
    likely = np.concatenate([chance * model[1] for chance, model in zip(chances, models, strict=True)])
    return np.vstack([model[0] for model in models]), likely / likely.sum()


def agreement(samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """Gwet's interval and that for few units, over scales, panels, agreements and numbers of units."""
    for (name, matrix), (raters, missing), true in product(SCALES.items(), PANELS, AGREEMENTS):
        counts, likely = patterns(planning.rater_quality(true, matrix), raters, len(matrix), missing)
        cells = []
        for n in UNITS:
            plain, few = [], []
            for drawn in rng.multinomial(n, likely, size=samples):
                sample = RatingPatterns(counts[drawn > 0], drawn[drawn > 0])
                gwets, ours = gwet_ac(sample, matrix), gwet_few_units(sample, matrix)
                plain.append(holds(gwets.low, gwets.high, true))
                few.append(holds(ours.low, ours.high, true))
            cells += [percent(plain), percent(few)]
        yield (name, f"{raters}, {missing:.0%} missing", f"{true}", *cells)


def clustered(samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """AC2 of dialogues of one to seven turns, which are easy, middling or hard as a whole: by units and by clusters."""
    matrix = SCALES["AC2, 8 points"]
    for kinds in ((0.3, 0.6, 0.9), (0.6, 0.9, 0.95), (0.85, 0.95, 1.0)):
        models = [planning.model(quality, 3, 8) for quality in kinds]
        counts, likely = models[0][0], np.array([model[1] for model in models])
        true = estimate(counts, likely.mean(axis=0), matrix).value
        for dialogues in DIALOGUES:
            hits: list[list[bool]] = [[], [], []]
            for _ in range(samples):
                kind, turns = rng.integers(0, 3, dialogues), rng.integers(1, 8, dialogues)
                pattern = np.concatenate(
                    [rng.choice(len(counts), t, p=likely[k]) for k, t in zip(kind, turns, strict=True)]
                )
                sample = ClusteredPatterns.from_rows(np.repeat(np.arange(dialogues), turns), counts[pattern])
                by_units, by_clusters = gwet_ac(sample.patterns, matrix), gwet_ac(sample, matrix)
                few = gwet_few_units(sample, matrix)
                limits = [(found.low, found.high) for found in (by_units, by_clusters)] + [(few.low, few.high)]
                for hit, (low, high) in zip(hits, limits, strict=True):
                    hit.append(holds(low, high, true or 0))
            yield (f"{true:.2f}", str(dialogues), *(percent(hit) for hit in hits))


def shares(_samples: int, _rng: np.random.Generator) -> Iterator[Row]:
    """Wilson and Clopper-Pearson, exactly."""
    for p in (0.01, 0.04, 0.1, 0.36, 0.5):
        cells = []
        for n in (50, 200, 1000, 4000):
            cells += [f"{100 * _exactly(interval, n, p):.1f}" for interval in (wilson, clopper_pearson)]
        yield (f"{p}", *cells)


def _exactly(interval: Callable[[int, int], Interval], n: int, p: float) -> float:
    chances = stats.binom.pmf(np.arange(n + 1), n, p)
    likely = np.flatnonzero(chances > 1e-9)
    found = {int(k): interval(int(k), n) for k in likely}
    return float(sum(chances[k] for k, limits in found.items() if holds(limits.low, limits.high, p)))


def win_rates(samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """Win rates with ties counted half, by Tango's interval."""
    for chances in ((0.36, 0.31, 0.33), (0.5, 0.1, 0.4), (0.76, 0.15, 0.09), (0.03, 0.95, 0.02)):
        cells = []
        for n in (50, 200, 1000, 4000):
            table, times = np.unique(rng.multinomial(n, chances, size=20 * samples), axis=0, return_counts=True)
            found = [half_points(int(wins), int(losses), n) for wins, _, losses in table]
            hits = np.array([holds(limits.low, limits.high, chances[0] + chances[1] / 2) for limits in found])
            cells.append(f"{100 * (times @ hits) / times.sum():.1f}")
        yield ("{} / {} / {}".format(*chances), *cells)


def differences(samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """Differences of two violation rates of different prompts, by Newcombe's interval."""
    for one, other in ((0.04, 0.04), (0.05, 0.1), (0.36, 0.3), (0.5, 0.5)):
        cells = []
        for n in (50, 200, 1000, 4000):
            drawn = np.column_stack([rng.binomial(n, p, 20 * samples) for p in (one, other)])
            table, times = np.unique(drawn, axis=0, return_counts=True)
            found = [newcombe(int(a), n, int(b), n) for a, b in table]
            hits = np.array([holds(limits.low, limits.high, one - other) for limits in found])
            cells.append(f"{100 * (times @ hits) / times.sum():.1f}")
        yield (f"{one} and {other}", *cells)


def sequences(samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """Studies in which the truth was in the interval at every look from ten observations to 10,000, and at the last."""
    for chances in ((0.04, 0.0, 0.96), (0.5, 0.0, 0.5), (0.36, 0.31, 0.33), (0.1, 0.8, 0.1)):
        truth, looks = chances[0] + chances[1] / 2, _looks()
        at_one, so_far, once, always = [], [], [], []
        for _ in range(samples):
            kind = rng.choice(3, size=looks[-1], p=chances)
            wins, ties, losses = (np.cumsum(kind == k)[looks - 1] for k in range(3))
            held = np.array(
                [Capital(int(w), int(t), int(n))(truth) < log(20) for w, t, n in zip(wins, ties, losses, strict=True)]
            )
            found = [half_points(int(w), int(n), int(w + t + n)) for w, t, n in zip(wins, ties, losses, strict=True)]
            plain = np.array([holds(limits.low, limits.high, truth) for limits in found])
            at_one.append(bool(held[-1]))
            so_far.append(bool(held.all()))
            once.append(bool(plain[-1]))
            always.append(bool(plain.all()))
        yield ("{} / {} / {}".format(*chances), percent(so_far), percent(at_one), percent(always), percent(once))


def _looks() -> IntArray:
    """Each observation to the hundredth, then 10% more each time, to 10,000."""
    later = np.round(100 * 1.1 ** np.arange(49)).astype(np.int64)
    return np.concatenate([np.arange(10, 100), later[later <= 10_000], [10_000]])


TABLES: dict[str, tuple[Callable[[int, np.random.Generator], Iterator[Row]], Row]] = {
    "agreement": (agreement, ("", "raters", "true", *(f"{n}{kind}" for n in UNITS for kind in ("", " few")))),
    "clustered": (clustered, ("true", "dialogues", "by units", "by clusters", "for few")),
    "shares": (shares, ("true", *(f"{n} {kind}" for n in (50, 200, 1000, 4000) for kind in ("W", "CP")))),
    "win rates": (win_rates, ("win / tie / loss", "50", "200", "1000", "4000")),
    "differences": (differences, ("true", "50", "200", "1000", "4000")),
    "sequences": (sequences, ("win / tie / loss", "sequence, all", "sequence, last", "plain, all", "plain, last")),
}


def main(samples: int) -> None:
    for name, (table, heading) in TABLES.items():
        print(f"\n{name}, {samples:,} samples each\n\n| {' | '.join(heading)} |\n|{'---|' * len(heading)}", flush=True)
        for row in table(samples, np.random.default_rng(1)):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
