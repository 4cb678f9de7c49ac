from workers.models.health import HealthCheck
from workers.models.machines import Worker
from workers.models.rewards import RewardEvaluation, RewardModel
from workers.models.rounds import Round
from workers.models.sampling import SamplingRun
from workers.models.temperatures import SweptTemperature, TemperatureSweep

__all__ = [
    "HealthCheck",
    "RewardEvaluation",
    "RewardModel",
    "Round",
    "SamplingRun",
    "SweptTemperature",
    "TemperatureSweep",
    "Worker",
]
