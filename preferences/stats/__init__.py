"""Agreement and preference statistics: arrays in, frozen results out, nothing rounded."""

from preferences.stats import bradley_terry, weights
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac1, ac2, gwet_ac
from preferences.stats.intervals import Interval, bootstrap_mean, wilson
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme

__all__ = [
    "Agreement",
    "Interval",
    "RatingPatterns",
    "WeightScheme",
    "ac1",
    "ac2",
    "bootstrap_mean",
    "bradley_terry",
    "gwet_ac",
    "weights",
    "wilson",
]
