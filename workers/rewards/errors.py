"""Why a reward model cannot be trained or used, as a sentence for who runs it."""


class RewardError(Exception):
    """Engineers and managers read it; like an engine's error it knows one language only."""
