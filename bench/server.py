"""The web process as `make serve` runs it, on a free port; ended by its process id."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from bench.settings import REPORT
from bench.visitors import HOST


def free_port() -> int:
    """Below the ports that Linux gives to connections, so that none of them takes it before the server does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)  # no seed of a test's gives two of them the same
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


@contextmanager
def running(
    *,
    app: str = "webapp.wsgi",
    settings_module: str = "bench.settings",
    ready: str = "/sign-in/",
    workers: int = 2,
    threads: int = 4,
) -> Iterator[str]:
    """The address of a server on the benchmark's database."""
    command = [sys.executable, "-m", "gunicorn", app, "--preload", "--workers", str(workers), "--threads", str(threads)]
    environment = {"DJANGO_SETTINGS_MODULE": settings_module}
    with served(command, ready=ready, folder=settings.BASE_DIR, environment=environment) as address:
        yield address


@contextmanager
def served(command: Sequence[str], *, ready: str, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of what the gunicorn of a command serves, once it answers at the path `ready`."""
    address = f"http://{HOST}:{free_port()}"
    log = REPORT.with_name("web.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--bind", address.removeprefix("http://"), "--timeout", "60"],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"{address}{ready}", process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        if process.poll() is not None:
            break
    raise SystemExit(f"The web process did not answer at {address}; its log is var/bench/web.log.")
