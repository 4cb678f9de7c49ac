"""The answer every agreement coefficient gives."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A chance-corrected agreement coefficient and how well it is known.

    Attributes
    ----------
    coefficient : str
        Which coefficient this is, such as "AC1" or "AC2".
    value, se, low, high : float or None
        Estimate, standard error and confidence limits; None where the data cannot tell.
    confidence : float
        Level of the interval, such as 0.95.
    percent_agreement, chance_agreement : float or None
        Observed and expected agreement, as shares from 0 to 1.
    units, ratings : int
        Units with at least one rating, and all their ratings.
    note : str or None
        A plain sentence when a number is missing or easy to misread.
    """

    coefficient: str
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    confidence: float
    percent_agreement: float | None
    chance_agreement: float | None
    units: int
    ratings: int
    note: str | None
