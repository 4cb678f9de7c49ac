"""PostgreSQL and the broker: the addresses in DATABASE_URL and REDIS_URL, else servers of our own under var/.

The servers outlive the process that started them and are found again by the next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.services import postgres, valkey


@dataclass(frozen=True)
class Services:
    database_url: str
    redis_url: str


def ensure(var: Path) -> Services:
    """The addresses of both services; what is not given by the environment is started under `var` if it is not up."""
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not (database_url and redis_url):
        run = _private(var / "run")
        with _lock(run / "services.lock"):
            database_url = database_url or postgres.ensure(var / "postgres", short_directory())
            redis_url = redis_url or valkey.ensure(var / "valkey", _socket_directory(run))
    return Services(database_url, redis_url)


def stop(var: Path) -> list[str]:
    """Ends the servers under `var`; returns what was ended."""
    with _lock(_private(var / "run") / "services.lock"):
        ended = []
        if postgres.stop(var / "postgres", short_directory()):
            ended.append("PostgreSQL")
        if valkey.stop(_socket_directory(var / "run")):
            ended.append("Valkey")
        return ended


def short_directory() -> Path:
    """A directory of this user whose path is short enough for a Unix socket, however deep the checkout lies."""
    directory = Path(tempfile.gettempdir()) / f"margin-{os.geteuid()}"
    directory.mkdir(mode=0o755, exist_ok=True)
    if directory.lstat().st_uid != os.geteuid():
        raise SystemExit(f"{directory} belongs to another user; remove it, or set TMPDIR to a directory of your own.")
    return directory


def _socket_directory(run: Path) -> Path:
    if len(str(run.resolve())) < 80:  # a socket's path may have 107 bytes
        return run
    checkout = hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:12]
    return _private(short_directory() / checkout)


def _private(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
