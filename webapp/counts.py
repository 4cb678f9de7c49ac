"""What the processes of one server counted together (preferences/metrics.py), and a worker's own address for it."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def of_all_processes() -> CollectorRegistry:
    """Of the dead ones too; where nothing is shared, of this process."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def tell_on(address: str) -> None:
    """Serves them on “host:port”, to whoever can connect: it is for a network that only Prometheus reaches."""
    host, _, port = address.rpartition(":")
    start_http_server(int(port), host, registry=of_all_processes())
