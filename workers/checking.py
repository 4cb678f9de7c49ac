"""A worker's work on one health check: take it, load and probe the variant's engine, record what was found."""

from __future__ import annotations

import logging
import time

from workers import health, sampling
from workers.engines import probe
from workers.leases import kept_alive
from workers.models import HealthCheck

log = logging.getLogger(__name__)


def run(check: HealthCheck) -> bool:
    """Checks a variant that waits for it; False where somebody else does or it is done."""
    holder = health.take(check=check)
    if holder is None:
        return False
    with kept_alive(lambda: health.renew(check=check, holder=holder)):
        found = _found(check)
    return health.finish(check=check, holder=holder, health=found)


def _found(check: HealthCheck) -> probe.Health:
    """By the engine that samples the variant here: a second copy of the model would not fit beside it."""
    started = time.perf_counter()
    try:
        return probe.check(lambda: sampling.engine_of(check.variant))
    except Exception as error:
        log.exception("engine of %s stopped", check.variant)
        problem = f"The engine stopped: {type(error).__name__}: {error}"
        return probe.Health(None, "", (problem,), (), time.perf_counter() - started)
