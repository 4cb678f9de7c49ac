from workers.models.rewards import RewardEvaluation, RewardModel
from workers.models.rounds import Round
from workers.models.sampling import SamplingRun

__all__ = ["RewardEvaluation", "RewardModel", "Round", "SamplingRun"]
