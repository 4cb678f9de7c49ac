"""Differences of two shares, and the win rate where ties are allowed, which is one.

All build on Wilson's limits of the single shares, so that they are good for few observations and stay in their range.

References
----------
Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven
methods. Statistics in Medicine, 17, 873-890 (method 10).
Newcombe, R. G. (1998). Improved confidence intervals for the difference between binomial proportions based on paired
data. Statistics in Medicine, 17, 2635-2650 (method 10).
"""

from math import hypot, sqrt

from preferences.stats import quantiles
from preferences.stats.intervals import Interval, wilson


def newcombe(
    successes: float, n: float, other_successes: float, other_n: float, *, confidence: float = 0.95
) -> Interval:
    """Difference of the shares of two independent groups: ``p1 - p2``.

    ``p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)`` to ``p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)`` with Wilson's limits
    ``l`` and ``u``. Where both were asked about the same prompts, `newcombe_paired` knows more.
    """
    one, other = wilson(successes, n, confidence), wilson(other_successes, other_n, confidence)
    return _difference(one, other, 0.0, confidence)


def newcombe_paired(
    both: float, first_only: float, second_only: float, neither: float, *, confidence: float = 0.95
) -> Interval:
    """Difference of two shares of the same observations, such as of two systems that answered the same prompts.

    As `newcombe`, with ``-2 phi (p1 - l1) (u2 - p2)`` and ``-2 phi (u1 - p1) (p2 - l2)`` under the roots, where ``phi``
    is the correlation of the fourfold table, its numerator ``ad - bc`` made smaller by ``n / 2`` where it is positive
    (down to zero).

    Parameters
    ----------
    both, first_only, second_only, neither : float
        Observations on which both succeeded, one did, or none. Expected numbers need not be whole.
    """
    cells = (both, first_only, second_only, neither)
    if not all(cell >= 0 for cell in cells):
        raise ValueError("Numbers of observations must not be negative.")
    n = sum(cells)
    one, other = wilson(both + first_only, n, confidence), wilson(both + second_only, n, confidence)
    return _difference(one, other, _correlation(*cells), confidence)


def win_rate(wins: float, ties: float, losses: float, *, confidence: float = 0.95) -> Interval:
    """Share of wins where a tie counts as half a win: ``(wins + ties / 2) / n``.

    It is ``(1 + d) / 2`` for the difference ``d`` of the shares of wins and of losses, which are paired: nobody wins
    and loses the same prompt. The limits are those of `newcombe_paired`; without ties they are Wilson's.
    """
    if not all(number >= 0 for number in (wins, ties, losses)):
        raise ValueError("Numbers of wins, ties and losses must not be negative.")
    n = wins + ties + losses
    # The correlation of the table, also where one of its margins is empty: without ties a win is no loss.
    correlation = -sqrt(wins * losses / ((wins + ties) * (losses + ties))) if ties else -1.0
    gap = _difference(wilson(wins, n, confidence), wilson(losses, n, confidence), correlation, confidence)
    value, low, high = (None if limit is None else (1 + limit) / 2 for limit in (gap.value, gap.low, gap.high))
    return Interval(value=value, low=low, high=high, confidence=confidence)


def _correlation(both: float, first_only: float, second_only: float, neither: float) -> float:
    margins = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if margins == 0:
        return 0.0
    surplus = both * neither - first_only * second_only
    if surplus > 0:
        surplus = max(0.0, surplus - (both + first_only + second_only + neither) / 2)
    return surplus / sqrt(margins)


def _difference(one: Interval, other: Interval, correlation: float, confidence: float) -> Interval:
    quantiles.upper_tail(confidence)
    if one.value is None or one.low is None or one.high is None:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    if other.value is None or other.low is None or other.high is None:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    gap = one.value - other.value
    down = _combined(one.value - one.low, other.high - other.value, correlation)
    up = _combined(one.high - one.value, other.value - other.low, correlation)
    return Interval(value=gap, low=max(-1.0, gap - down), high=min(1.0, gap + up), confidence=confidence)


def _combined(one: float, other: float, correlation: float) -> float:
    """``sqrt(x^2 - 2 phi x y + y^2)``, without the rounding noise that could make it negative."""
    return hypot(one - correlation * other, sqrt(max(0.0, 1 - correlation**2)) * other)
