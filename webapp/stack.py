"""Web, worker and scheduler on this machine, each started again when it dies; found and ended by their process id."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from webapp.paths import BASE_DIR, VAR_DIR

FIRST_PORT = 8000
CELERY = "-m celery -A webapp"
# Who seals stands behind people from then on (preferences/priority.py), so that it does nothing that they wait for.
WORKERS = {"worker": "sample,celery", "exporter": "export", "trainer": "gpu"}

_SUPERVISOR = """\
[supervisord]
logfile = {logs}/supervisord.log
pidfile = {run}/supervisord.pid
childlogdir = {logs}
directory = {base}
environment = OMP_NUM_THREADS="1",TOKENIZERS_PARALLELISM="false",PROMETHEUS_MULTIPROC_DIR="{counts}"
"""
_PROGRAM = """
[program:{name}]
command = {command}
autorestart = true
startsecs = 1
startretries = 100
stopasgroup = true
killasgroup = true
stopwaitsecs = 20
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
"""


@contextmanager
def lock() -> Iterator[None]:
    """One start or stop at a time on this checkout's data."""
    run = VAR_DIR / "run"
    run.mkdir(parents=True, exist_ok=True)
    with (run / "stack.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def running() -> str | None:
    """The address of the stack that runs on this checkout's data, if one does."""
    if _supervisor() is None or not _address_file().exists():
        return None
    address: str = json.loads(_address_file().read_text())["address"]
    return address


def start() -> str:
    """Starts what is not running; returns the address once the web process answers."""
    if address := running():
        return address
    port = _port()
    address = f"http://127.0.0.1:{port}"
    _address_file().write_text(json.dumps({"address": address}))
    config = _write_config(port)
    subprocess.run([sys.executable, "-m", "supervisor.supervisord", "-c", str(config)], check=True)
    _wait_for(address)
    return address


def stop() -> bool:
    """Ends the stack; False if none ran."""
    process = _supervisor()
    if process is None:
        return False
    process.terminate()
    try:
        process.wait(timeout=40)
    except psutil.TimeoutExpired:
        for child in [*process.children(recursive=True), process]:
            child.kill()
    _address_file().unlink(missing_ok=True)
    return True


def _write_config(port: int) -> Path:
    run, logs = VAR_DIR / "run", VAR_DIR / "log"
    logs.mkdir(parents=True, exist_ok=True)
    counts = run / "counts"  # of all of them together, from this start on
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir()
    python = sys.executable
    commands = {
        "web": f"{python} -m gunicorn webapp.wsgi --preload --bind 127.0.0.1:{port} --workers 2 --threads 4"
        " --timeout 60",
        "beat": f"{python} {CELERY} beat --pidfile= -l WARNING",
        # A name of its own for each, since all are on this machine; what takes long keeps nothing else waiting.
        **{
            name: f"{python} {CELERY} worker -n {name}@%%h -Q {queues} -c 1 --without-gossip --without-mingle -l INFO"
            for name, queues in WORKERS.items()
        },
    }
    config = _SUPERVISOR.format(logs=logs, run=run, base=BASE_DIR, counts=counts)
    config += "".join(_PROGRAM.format(name=name, command=command, logs=logs) for name, command in commands.items())
    path = run / "supervisord.conf"
    path.write_text(config)
    return path


def _supervisor() -> psutil.Process | None:
    try:
        process = psutil.Process(int((VAR_DIR / "run" / "supervisord.pid").read_text()))
        ours = str(VAR_DIR / "run" / "supervisord.conf") in process.cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return None
    return process if ours and process.status() != psutil.STATUS_ZOMBIE else None


def _address_file() -> Path:
    return VAR_DIR / "run" / "web.json"


def _port() -> int:
    """PORT if given, else the first free one from 8000 on."""
    wanted = os.environ.get("PORT", "")
    if wanted and not (wanted.isascii() and wanted.isdigit() and 0 < int(wanted) < 65536):
        raise SystemExit(f"PORT is {wanted!r}; write a number from 1 to 65535.")
    for port in [int(wanted)] if wanted else range(FIRST_PORT, FIRST_PORT + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise SystemExit(f"Port {wanted or FIRST_PORT} is taken; set PORT to a free one.")


def _wait_for(address: str) -> None:
    for _ in range(1200):  # two minutes: a machine that does much else takes one
        try:
            with urllib.request.urlopen(f"{address}/sign-in/", timeout=5):  # our own address # nosec B310
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit(f"The web process did not answer at {address}; its log is {VAR_DIR}/log/web.log.")
