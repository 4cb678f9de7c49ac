"""Agreement and preference statistics: arrays in, frozen results out, nothing rounded."""

from preferences.stats import bradley_terry, weights
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac1, ac2, gwet_ac
from preferences.stats.intervals import Interval, bootstrap_mean, wilson
from preferences.stats.outliers import usual
from preferences.stats.peers import agreement_with_others
from preferences.stats.rates import rate
from preferences.stats.scale_use import entropy, longest_run
from preferences.stats.shares import share
from preferences.stats.tables import RatingPatterns
from preferences.stats.tested import Tested, holm
from preferences.stats.weights import WeightScheme

__all__ = [
    "Agreement",
    "Interval",
    "RatingPatterns",
    "Tested",
    "WeightScheme",
    "ac1",
    "ac2",
    "agreement_with_others",
    "bootstrap_mean",
    "bradley_terry",
    "entropy",
    "gwet_ac",
    "holm",
    "longest_run",
    "rate",
    "share",
    "usual",
    "weights",
    "wilson",
]
