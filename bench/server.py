"""The web process as `make serve` runs it, on a free port; ended by its process id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from bench.settings import REPORT
from bench.visitors import HOST


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running() -> Iterator[str]:
    """The address of a server on the benchmark's database."""
    port = free_port()
    log = REPORT.with_name("web.log")
    command = [sys.executable, "-m", "gunicorn", "webapp.wsgi", "--preload", "--bind", f"{HOST}:{port}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--workers", "2", "--threads", "4", "--timeout", "60"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://{HOST}:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/sign-in/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        if process.poll() is not None:
            break
    raise SystemExit(f"The web process did not answer at {address}; its log is var/bench/web.log.")
