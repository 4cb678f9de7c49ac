"""Agreement and preference statistics: arrays in, frozen results out, nothing rounded."""

from preferences.stats import bradley_terry, planning, weights
from preferences.stats.agreement import Agreement
from preferences.stats.best_of_n import expected_max, expected_median
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.cohen import cohen
from preferences.stats.few_units import gwet_few_units
from preferences.stats.fleiss import fleiss
from preferences.stats.gwet import ac1, ac2, gwet_ac
from preferences.stats.intervals import Interval, bootstrap_mean, clopper_pearson, newcombe, wilson
from preferences.stats.krippendorff import krippendorff
from preferences.stats.optimum import Optimum, optimum
from preferences.stats.outliers import usual
from preferences.stats.peers import agreement_with_others
from preferences.stats.percent import percent_agreement
from preferences.stats.rates import rate
from preferences.stats.scale_use import entropy, longest_run
from preferences.stats.self_bleu import self_bleu
from preferences.stats.sequential import share_so_far, win_rate_so_far
from preferences.stats.shares import share
from preferences.stats.tables import RatingPatterns
from preferences.stats.tested import Tested, holm
from preferences.stats.weights import WeightScheme

__all__ = [
    "Agreement",
    "ClusteredPatterns",
    "Interval",
    "Optimum",
    "RatingPatterns",
    "Tested",
    "WeightScheme",
    "ac1",
    "ac2",
    "agreement_with_others",
    "bootstrap_mean",
    "bradley_terry",
    "clopper_pearson",
    "cohen",
    "entropy",
    "expected_max",
    "expected_median",
    "fleiss",
    "gwet_ac",
    "gwet_few_units",
    "holm",
    "krippendorff",
    "longest_run",
    "newcombe",
    "optimum",
    "percent_agreement",
    "planning",
    "rate",
    "self_bleu",
    "share",
    "share_so_far",
    "usual",
    "weights",
    "wilson",
    "win_rate_so_far",
]
