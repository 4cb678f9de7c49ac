"""Two-sided critical values."""

from statistics import NormalDist

import scipy


def normal(confidence: float) -> float:
    """Standard normal ``z`` with ``P(|Z| <= z) = confidence``."""
    return NormalDist().inv_cdf(upper_tail(confidence))


def student_t(confidence: float, degrees: int) -> float:
    """Student's ``t`` with ``P(|T| <= t) = confidence`` at ``degrees`` degrees of freedom."""
    return float(scipy.special.stdtrit(degrees, upper_tail(confidence)))


def upper_tail(confidence: float) -> float:
    """Probability below the upper critical value: 0.975 for a confidence of 0.95."""
    if not 0 < confidence < 1:
        raise ValueError(f"Confidence must lie strictly between 0 and 1, not {confidence}.")
    return (1 + confidence) / 2
