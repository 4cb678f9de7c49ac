from workers.models.health import HealthCheck
from workers.models.machines import Worker
from workers.models.rewards import RewardEvaluation, RewardModel
from workers.models.rounds import Round
from workers.models.sampling import SamplingRun
from workers.models.scoring import ScoringOrder
from workers.models.temperatures import SweptTemperature, TemperatureSweep
from workers.models.tuning import TuningSet

__all__ = [
    "HealthCheck",
    "RewardEvaluation",
    "RewardModel",
    "Round",
    "SamplingRun",
    "ScoringOrder",
    "SweptTemperature",
    "TemperatureSweep",
    "TuningSet",
    "Worker",
]
