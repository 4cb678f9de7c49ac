"""Fleiss' kappa for any number of raters, with missing ratings and weights.

With the notation of `preferences.stats.gwet`, chance agreement is that of two raters who both draw from the shares of
the categories::

    kappa = (pa - pe) / (1 - pe)
    pe    = sum_kl w_kl pi_k pi_l

Where nearly all ratings fall in one category, ``pe`` comes close to ``pa`` and kappa close to 0 although raters agree:
docs/statistics.md shows when.

References
----------
Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin, 76, 378-382.
Gwet, K. L. (2021). Large-sample variance of Fleiss generalized kappa. Educational and Psychological Measurement, 81(4),
781-790.
"""

import numpy as np

from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.components import category_shares, paired_frequency, unit_agreement
from preferences.stats.linearised import NEGLIGIBLE, Estimate, Ratings, summary
from preferences.stats.tables import RatingPatterns


def fleiss(ratings: Ratings, weights: FloatArray, *, confidence: float = 0.95) -> Agreement:
    """Fleiss' kappa with any (q, q) agreement weights and Gwet's linearised standard error."""
    return summary("Fleiss' kappa", ratings, weights, estimate, confidence)


def estimate(patterns: RatingPatterns, weights: FloatArray) -> Estimate:
    """The coefficient and its linearised terms (Gwet 2021).

    ``d_i = u_i - 2 (1 - kappa) (pe_i - pe) / (1 - pe) - kappa`` with ``u_i`` as for AC1 and
    ``pe_i = sum_kl w_kl pi_l r_ik / r_i``.
    """
    counts, frequency, raters = patterns.counts, patterns.frequency, patterns.raters
    agreeing, pi = unit_agreement(counts, weights), category_shares(counts, frequency)
    pa, pe = float(paired_frequency(counts, frequency) @ agreeing), float(pi @ weights @ pi)
    if 1 - pe < NEGLIGIBLE:
        return Estimate(value=None, pa=pa, pe=pe, deviations=np.zeros(0))
    value = (pa - pe) / (1 - pe)
    paired = raters >= 2
    own = (agreeing - pe) * paired / float(frequency @ paired) / (1 - pe)
    chance = (counts @ (weights @ pi)) / raters
    return Estimate(value=value, pa=pa, pe=pe, deviations=own - 2 * (1 - value) * (chance - pe) / (1 - pe) - value)
