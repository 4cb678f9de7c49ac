"""The computed tables of docs/statistics.md. `python -m tests.preferences.stats.documented` prints them."""

from __future__ import annotations

import numpy as np
from scipy import stats

from preferences.stats import (
    RatingPatterns,
    fleiss,
    gwet_ac,
    krippendorff,
    percent_agreement,
    planning,
    weights,
    wilson,
    win_rate_so_far,
)
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.paired import half_points

from .reference import known

VIOLATIONS = (0.5, 0.1, 0.04, 0.01)
ANSWERS = 2000
BLIND = 0.05


def paradox() -> list[str]:
    """The same three raters on answers of which more or fewer violate; and three who call one in twenty a violation."""
    rows = []
    for share in VIOLATIONS:
        counts, chances = planning.model(0.9, 3, 2, [share, 1 - share])
        rows.append(_paradox(f"{share:.0%} violate", counts, chances))
    counts = np.array([[k, 3 - k] for k in range(4)])
    return [*rows, _paradox("nobody looks", counts, stats.binom.pmf(range(4), 3, BLIND))]


def _paradox(name: str, counts: IntArray, chances: FloatArray) -> str:
    number = np.round(ANSWERS * chances).astype(np.int64)
    patterns = RatingPatterns(counts[number > 0], number[number > 0])
    results = (
        percent_agreement(patterns, np.eye(2)),
        gwet_ac(patterns, np.eye(2)),
        fleiss(patterns, np.eye(2)),
        krippendorff(patterns),
    )
    split = " / ".join(str(int(number[counts[:, 0] == k].sum())) for k in range(4))
    return f"| {name} | {split} | {' | '.join(f'{round(known(result.value), 2) + 0:.2f}' for result in results)} |"


def prompts() -> list[str]:
    """How many prompts a precision takes."""
    rows = []
    for reach in (0.05, 0.03, 0.02, 0.01):
        numbers = (
            planning.prompts_for_share(0.04, reach),
            planning.prompts_for_share(0.5, reach),
            planning.prompts_for_win_rate(0.36, 0.31, reach),
            planning.units_for_agreement(0.5, reach, raters=3, weights=weights.quadratic(range(8))),
            planning.units_for_agreement(0.9, reach, raters=3, weights=weights.ordinal(5)),
        )
        rows.append(f"| {100 * reach:.0f} points | {' | '.join(f'{n:,}' for n in numbers)} |")
    return rows


def raters() -> list[str]:
    """What the same 12,000 ratings buy."""
    bought = planning.panels(12_000, agreement=0.5, wins=0.45, ties=0.2, weights=weights.quadratic(range(8)))
    return [
        f"| {panel.raters} | {panel.units:,} | {panel.verdict_right:.1%} | {panel.win_rate:.3f} ± "
        f"{panel.win_rate_reach:.3f} | {'–' if panel.agreement_reach is None else f'± {panel.agreement_reach:.3f}'} |"
        for panel in bought
    ]


def widths() -> list[str]:
    """How far a sequence and a plain interval reach."""
    rows = []
    for n in (100, 400, 1000, 4000, 20_000):
        wins, ties = round(0.36 * n), round(0.31 * n)
        watched, once = win_rate_so_far(wins, ties, n - wins - ties), half_points(wins, n - wins - ties, n)
        share_watched, share_once = win_rate_so_far(n // 25, 0, n - n // 25), wilson(n // 25, n)
        reaches = [(known(i.high) - known(i.low)) / 2 for i in (once, watched, share_once, share_watched)]
        rows.append(f"| {n:,} | {' | '.join(f'± {100 * reach:.1f}' for reach in reaches)} |")
    return rows


TABLES = {table.__name__: table for table in (paradox, prompts, raters, widths)}

if __name__ == "__main__":
    for name, table in TABLES.items():
        print(name, *table(), sep="\n")
