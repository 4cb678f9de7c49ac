from workers.models.sampling import SamplingRun

__all__ = ["SamplingRun"]
