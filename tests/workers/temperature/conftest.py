from tests.workers.rewards.conftest import base, exported, scorer, trained

__all__ = ["base", "exported", "scorer", "trained"]  # a tiny reward model, and what it is trained on
