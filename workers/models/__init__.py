from workers.models.rewards import RewardEvaluation, RewardModel
from workers.models.sampling import SamplingRun

__all__ = ["RewardEvaluation", "RewardModel", "SamplingRun"]
