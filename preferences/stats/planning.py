"""How many prompts and raters a study needs, before it begins.

For shares and win rates: the fewest prompts with which the interval that the report will show, at the expected numbers,
reaches no further than wanted on its farther side.

For agreement a model of the raters is needed, since its standard error depends on how they disagree. It is the
plainest, the one from which Gwet derives his coefficient: a rater sees the item's category with probability ``a`` and
otherwise chooses among all categories evenly. One expected coefficient fixes ``a``; the distribution of the raters'
counts then gives the coefficient's standard error at any number of raters. Real raters are no model: after a pilot, its
own standard error is the better guide (`units_after_pilot`).

References
----------
Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. British
Journal of Mathematical and Statistical Psychology, 61, 29-48.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import inf

import numpy as np
import scipy
from numpy.typing import ArrayLike

from preferences.stats import quantiles
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray, IntArray
from preferences.stats.gwet import estimate
from preferences.stats.intervals import Interval, wilson
from preferences.stats.linearised import Estimate
from preferences.stats.paired import half_points

# More than any study can collect.
MOST = 10**12
HALVINGS = 60


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What so many raters for each prompt buy with the same number of ratings.

    Attributes
    ----------
    raters, units : int
        Raters for each prompt and prompts rated.
    verdict_right : float
        Chance that the majority of a prompt's raters names the better side; a split counts half.
    win_rate, win_rate_reach : float
        The win rate that the report will show and the reach of its interval. Wrong verdicts pull it towards one half.
    agreement_reach : float or None
        Reach of the interval for the agreement coefficient; None where nobody has a second rater.
    """

    raters: int
    units: int
    verdict_right: float
    win_rate: float
    win_rate_reach: float
    agreement_reach: float | None


def prompts_for_share(share: float, reach: float, *, confidence: float = 0.95) -> int:
    """Prompts for a share, such as that of violations, known to within ``reach`` (Wilson's interval)."""
    _check_shares(share)
    return _fewest(lambda n: _reach(wilson(share * n, n, confidence)), reach)


def prompts_for_win_rate(wins: float, ties: float, reach: float, *, confidence: float = 0.95) -> int:
    """Prompts for a win rate known to within ``reach`` where a tie counts half, at these expected shares."""
    losses = _losses(wins, ties)
    return _fewest(lambda n: _reach(half_points(wins * n, losses * n, n, confidence)), reach)


def units_for_agreement(
    agreement: float,
    reach: float,
    *,
    raters: int,
    weights: FloatArray,
    shares: ArrayLike | None = None,
    confidence: float = 0.95,
) -> int:
    """Units for a Gwet coefficient known to within ``reach``, each rated by so many raters.

    Parameters
    ----------
    agreement : float
        Expected coefficient, from 0 to 1, with these (q, q) weights.
    shares : (q,) numbers, optional
        How often the items belong to each category; evenly when not given.
    """
    spread = _spread(agreement, raters, weights, shares)
    return _fewest(lambda n: _mean_reach(spread, n, confidence), reach)


def units_after_pilot(pilot: Agreement, reach: float) -> int:
    """Units of the pilot's kind for its coefficient known to within ``reach`` at its level of confidence."""
    if not pilot.se:
        raise ValueError("This pilot does not tell how precise its agreement is: it needs more units that differ.")
    spread = pilot.se * np.sqrt(pilot.units - 1)
    return _fewest(lambda n: _mean_reach(float(spread), n, pilot.confidence), reach)


def panels(
    ratings: int,
    *,
    agreement: float,
    wins: float,
    weights: FloatArray,
    ties: float = 0.0,
    raters: Sequence[int] = (1, 2, 3, 5),
    confidence: float = 0.95,
) -> list[Panel]:
    """What different numbers of raters buy with the same number of ratings.

    Parameters
    ----------
    ratings : int
        What is paid for in all.
    agreement : float
        Expected coefficient with these (q, q) weights.
    wins, ties : float
        True shares of prompts on which the first system is better, and on which there is nothing between them; of these
        the verdict is taken to be right.
    """
    quality = rater_quality(agreement, weights)
    return [_panel(ratings // r, r, quality, agreement, (wins, ties), weights, confidence) for r in raters]


def rater_quality(agreement: float, weights: FloatArray, shares: ArrayLike | None = None) -> float:
    """The chance ``a`` that a rater sees an item's category, for an expected Gwet coefficient; see the module."""
    if not 0 <= agreement <= 1:
        raise ValueError(f"An expected agreement lies between 0 and 1; {agreement} does not.")
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        value = _expected(middle, 2, weights, shares).value
        low, high = (middle, high) if value is not None and value < agreement else (low, middle)
    return high


def majority_right(accuracy: float, raters: int) -> float:
    """Chance that the majority of independent raters is right, each with this chance; a split counts half."""
    right = np.arange(raters + 1)
    chances = scipy.special.binom(raters, right) * accuracy**right * (1 - accuracy) ** (raters - right)
    return float(chances @ (np.sign(2 * right - raters) + 1) / 2)


def _panel(
    units: int,
    raters: int,
    quality: float,
    agreement: float,
    verdicts: tuple[float, float],
    weights: FloatArray,
    confidence: float,
) -> Panel:
    if units < 2:
        raise ValueError(f"With {raters} raters for each prompt, these ratings are not enough for two prompts.")
    wins, ties = verdicts
    losses = _losses(wins, ties)
    # A rater who guesses names the better side half of the time.
    right = majority_right(quality + (1 - quality) / 2, raters)
    shown = wins * right + losses * (1 - right)
    interval = half_points(shown * units, max(0.0, 1 - shown - ties) * units, units, confidence)
    reach = None if raters < 2 else _mean_reach(_spread(agreement, raters, weights, None), units, confidence)
    return Panel(
        raters=raters,
        units=units,
        verdict_right=right,
        win_rate=shown + ties / 2,
        win_rate_reach=_reach(interval),
        agreement_reach=reach,
    )


def _spread(agreement: float, raters: int, weights: FloatArray, shares: ArrayLike | None) -> float:
    """Standard deviation of the coefficient's terms over units with so many raters."""
    if raters < 2:
        raise ValueError("Agreement needs at least two raters for each item.")
    quality = rater_quality(agreement, weights, shares)
    counts, chances = model(quality, raters, len(weights), shares)
    return float(np.sqrt(chances @ estimate(counts, chances, weights).deviations ** 2))


def _expected(quality: float, raters: int, weights: FloatArray, shares: ArrayLike | None) -> Estimate:
    return estimate(*model(quality, raters, len(weights), shares), weights)


def model(quality: float, raters: int, q: int, shares: ArrayLike | None = None) -> tuple[IntArray, FloatArray]:
    """Patterns of counts that raters of this quality produce, (p, q), and how likely each is, (p,)."""
    kinds = np.full(q, 1 / q) if shares is None else np.asarray(shares, dtype=np.float64)
    if kinds.shape != (q,) or (kinds < 0).any() or not np.isclose(kinds.sum(), 1):
        raise ValueError(f"The shares of {q} categories are {q} numbers from 0 to 1 that add up to 1.")
    chosen = np.array(list(combinations_with_replacement(range(q), raters)))
    counts = (chosen[:, :, None] == np.arange(q)).sum(axis=1)
    orders = np.exp(scipy.special.gammaln(raters + 1) - scipy.special.gammaln(counts + 1).sum(axis=1))
    chances = quality * np.eye(q) + (1 - quality) / q  # an item's category x what a rater says
    of_kind = np.prod(chances[:, None, :] ** counts[None, :, :], axis=2)
    return counts.astype(np.int64), np.asarray(orders * (kinds @ of_kind), dtype=np.float64)


def _mean_reach(spread: float, n: int, confidence: float) -> float:
    return quantiles.student_t(confidence, n - 1) * spread / float(np.sqrt(n - 1)) if n > 1 else inf


def _reach(interval: Interval) -> float:
    if interval.value is None or interval.low is None or interval.high is None:
        return inf
    return max(interval.value - interval.low, interval.high - interval.value)


def _fewest(reached: Callable[[int], float], wanted: float) -> int:
    """The smallest number whose interval reaches no further than wanted."""
    if not 0 < wanted < 1:
        raise ValueError(f"The wanted precision lies between 0 and 1; {wanted} does not.")
    too_few, enough = 0, 1
    while reached(enough) > wanted:
        too_few, enough = enough, 2 * enough
        if enough > MOST:
            raise ValueError(f"No study is large enough for a precision of {wanted}.")
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reached(middle) <= wanted else (middle, enough)
    return enough


def _losses(wins: float, ties: float) -> float:
    _check_shares(wins, ties, 1 - wins - ties)
    return max(0.0, 1 - wins - ties)


def _check_shares(*shares: float) -> None:
    if not all(-1e-12 <= share <= 1 + 1e-12 for share in shares):
        raise ValueError("Expected shares lie between 0 and 1 and fit together.")
