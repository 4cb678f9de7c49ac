"""Intervals that may be looked at as often as one likes: confidence sequences.

A 95% interval that is looked at every hour misses the truth at some hour far more often than in 5% of all studies. A
confidence sequence misses it at any time at all, however long the study, in at most 5% of them; so one may watch, and
stop when it says enough. The price is width: 1.7 times that of an interval meant for one look at 100 observations,
twice at 4,000.

How it works. For a hypothetical mean ``m`` of scores from 0 to 1, a gambler stakes the share ``b`` of the capital on a
win and ``1 - b`` on a loss, at fair odds: a win multiplies the capital by ``b / m``, a loss by ``(1 - b) / (1 - m)``, a
tie (half a win) by the mean of the two. With ``b`` drawn from Jeffreys' prior Beta(1/2, 1/2), the expected capital
after ``w`` wins, ``t`` ties and ``l`` losses is ::

    K(m) = 2^-t sum_j C(t, j) m^-(w + j) (1 - m)^-(l + t - j) B(w + j + 1/2, l + t - j + 1/2) / B(1/2, 1/2)

If ``m`` is the true mean, ``K(m)`` is a martingale that starts at 1, and by Ville's inequality it ever reaches
``1 / alpha`` with a probability of at most ``alpha``. The sequence holds the ``m`` with ``K(m) < 1 / alpha``: an
interval, since the logarithm of ``K`` is convex, and one that always holds the mean so far, where ``K`` is at most 1.
Without ties it is the beta-binomial mixture of Robbins. It needs the counts only, not their order.

The observations must be independent, and neither their order nor who is asked may depend on what comes out.

References
----------
Ville, J. (1939). Étude critique de la notion de collectif. Gauthier-Villars.
Robbins, H. (1970). Statistical methods related to the law of the iterated logarithm. Annals of Mathematical Statistics,
41, 1397-1409.
Cover, T. M. (1991). Universal portfolios. Mathematical Finance, 1, 1-29.
Waudby-Smith, I. and Ramdas, A. (2024). Estimating means of bounded random variables by betting. Journal of the Royal
Statistical Society B, 86, 1-27.
"""

from math import log

import numpy as np
import scipy

from preferences.stats import quantiles
from preferences.stats.intervals import Interval, check_successes

PRIOR = 0.5
# Halvings of an interval within [0, 1]: to the last digit that a float has near 1.
HALVINGS = 60


def share_so_far(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """The share of successes with limits that hold at all times at once; see the module."""
    check_successes(successes, n)
    return win_rate_so_far(successes, 0, n - successes, confidence=confidence)


def win_rate_so_far(wins: int, ties: int, losses: int, *, confidence: float = 0.95) -> Interval:
    """The win rate ``(wins + ties / 2) / n`` with limits that hold at all times at once; see the module."""
    quantiles.upper_tail(confidence)
    if min(wins, ties, losses) < 0:
        raise ValueError("Numbers of wins, ties and losses must not be negative.")
    n = wins + ties + losses
    if n == 0:
        return Interval(value=None, low=None, high=None, confidence=confidence)
    mean = (wins + ties / 2) / n
    capital = Capital(wins, ties, losses)
    low = _limit(capital, mean, 0.0, -log(1 - confidence))
    high = _limit(capital, mean, 1.0, -log(1 - confidence))
    return Interval(value=mean, low=low, high=high, confidence=confidence)


class Capital:
    """``log K`` as a function of the hypothetical mean, infinite where it makes the observations impossible.

    Its t + 1 terms are worked out once.
    """

    def __init__(self, wins: int, ties: int, losses: int) -> None:
        as_wins = np.arange(ties + 1)
        self.up, self.down = wins + as_wins, losses + ties - as_wins
        split = (
            scipy.special.gammaln(ties + 1)
            - scipy.special.gammaln(as_wins + 1)
            - scipy.special.gammaln(ties - as_wins + 1)
        )
        mixed = scipy.special.betaln(self.up + PRIOR, self.down + PRIOR) - scipy.special.betaln(PRIOR, PRIOR)
        self.logs = split - ties * log(2) + mixed

    def __call__(self, m: float) -> float:
        if (m == 0 and self.up[-1] > 0) or (m == 1 and self.down[0] > 0):
            return float("inf")
        stakes = scipy.special.xlogy(self.up, m) + scipy.special.xlog1py(self.down, -m)
        return float(scipy.special.logsumexp(self.logs - stakes))


def _limit(capital: Capital, inside: float, outside: float, bound: float) -> float:
    """Where ``log K`` passes the bound between the mean, where it is below, and an end of the scale."""
    if capital(outside) < bound:
        return outside
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if capital(middle) < bound else (inside, middle)
    return outside
