"""Percent agreement: the share of agreeing pairs of ratings, with nothing taken off for chance."""

from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.components import unit_agreement
from preferences.stats.linearised import Estimate, Ratings, summary
from preferences.stats.tables import RatingPatterns


def percent_agreement(ratings: Ratings, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Mean over units with at least two ratings of the credit that their pairs of ratings earn.

    It rises with fewer categories and with one that most items belong to, whatever the raters do.
    """
    return summary("percent agreement", ratings, weights, estimate, confidence, only_pairs=True)


def estimate(patterns: RatingPatterns, weights: FloatArray) -> Estimate:
    """The mean and each unit's deviation from it, of patterns with at least two ratings."""
    agreeing = unit_agreement(patterns.counts, weights)
    value = float(patterns.frequency @ agreeing)
    return Estimate(value=value, pa=value, pe=0.0, deviations=agreeing - value)
