"""Read by every gunicorn that starts in this directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

# Its processes share what they count (preferences/metrics.py): from before the first import of it.
_counts = tempfile.mkdtemp(prefix="margin-counts-")
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", _counts)

from webapp.logs import configuration  # noqa: E402

preload_app = True
graceful_timeout = 30  # seconds that a request has to come to its end after SIGTERM; an orchestrator waits for longer
logconfig_dict = configuration()
# A connection that is kept stays with the process that took it, however many that has and others have not: with 32
# clients some waited three times as long as others. One for each request costs less than that (bench/README.md).
keepalive = 0
control_socket_disable = True  # it would be one for all servers of a user, in a home that may not be written to


def on_starting(server: Any) -> None:
    """A process takes up what its threads answer now and next; what waits is for the first that is free."""
    server.cfg.set("worker_connections", 2 * server.cfg.threads)


def on_exit(_server: Any) -> None:
    shutil.rmtree(_counts, ignore_errors=True)
