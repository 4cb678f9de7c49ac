"""How often raters call a response a violation, as planning takes raters to be (`preferences.stats.planning`)."""

import numpy as np
import scipy


def half_or_more(chance: float, raters: int) -> float:
    """Chance that at least half of independent raters say so, each with this chance."""
    saying = np.arange(raters + 1)
    chances = scipy.special.binom(raters, saying) * chance**saying * (1 - chance) ** (raters - saying)
    return float(chances @ (2 * saying >= raters))


def called(quality: float, raters: int, *, q: int, violating: int) -> tuple[float, float]:
    """Chances that at least half of the raters call a violation one, and that they call one what is none.

    Parameters
    ----------
    quality : float
        Chance that a rater sees the item's category; otherwise every category is as likely.
    q, violating : int
        Categories of the scale, and how many of them are violations.
    """
    by_guess = (1 - quality) * violating / q
    return half_or_more(quality + by_guess, raters), half_or_more(by_guess, raters)
