class ContaminationError(Exception):
    """Why contamination cannot be counted, as a sentence for the engineer who asked."""
