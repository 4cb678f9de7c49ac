"""The embedded services: started when needed, alive after their starter died, found again; broken addresses told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe

import psycopg2
import pytest

from webapp import services
from webapp.paths import BASE_DIR

SECRET = token_urlsafe(50)
START = (
    "import sys, pathlib; from webapp import services; print(services.ensure(pathlib.Path(sys.argv[1])), flush=True)"
)


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return {**kept, **changes}


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def var(open_directory: Path) -> Iterator[Path]:
    yield open_directory
    services.stop(open_directory)


def test_they_survive_a_killed_parent_and_are_found_again(var: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START + "; input()", str(var)],
        cwd=BASE_DIR,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        first = starter.stdout.readline()
        server = (var / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        os.kill(starter.pid, signal.SIGKILL)

    again = subprocess.run(
        [sys.executable, "-c", START, str(var)],
        cwd=BASE_DIR,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout == first
    assert (var / "postgres" / "postmaster.pid").read_text().splitlines()[0] == server


def test_a_stale_pid_file_does_not_pass_for_a_server(var: Path) -> None:
    services.ensure(var)
    pid_file = var / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    services.stop(var)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # a living process that is no server
    url = services.ensure(var).database_url
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_deep_checkout_gets_its_sockets_elsewhere(var: Path) -> None:
    deep = var / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    found = services.ensure(deep)
    try:
        with psycopg2.connect(found.database_url) as connection:
            assert connection.server_version >= 170000
        assert len(found.redis_url) < 100
    finally:
        services.stop(deep)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://nobody@127.0.0.1:1/nothing", "DATABASE_URL: the database cannot be reached"),
        ("sqlite:///margin.db", "DATABASE_URL must begin with postgresql://"),
        ("postgresql://[broken", "DATABASE_URL cannot be read"),
    ],
)
def test_a_broken_database_url_is_one_line_that_names_it(url: str, sentence: str, tmp_path: Path) -> None:
    run = manage(
        "migrate",
        DATABASE_URL=url,
        REDIS_URL="redis://127.0.0.1:1",
        SECRET_KEY=SECRET,
        MARGIN_VAR=str(tmp_path),
    )
    assert run.returncode == 1
    assert sentence in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "postgres").exists()


def test_a_broken_redis_url_is_one_line_that_names_it(tmp_path: Path) -> None:
    run = manage(
        "check",
        DATABASE_URL="postgresql:///x",
        REDIS_URL="amqp://x",
        SECRET_KEY=SECRET,
        MARGIN_VAR=str(tmp_path),
    )
    assert run.returncode == 1
    assert run.stderr.strip().splitlines() == ["REDIS_URL must begin with redis://, rediss:// or redis+socket://."]


def test_it_does_not_start_without_a_secret_on_a_database_of_its_own(tmp_path: Path) -> None:
    run = manage(
        "check", DATABASE_URL="postgresql:///x", REDIS_URL="redis://x", MARGIN_VAR=str(tmp_path), SECRET_KEY=""
    )
    assert run.returncode == 1
    assert run.stderr.startswith("SECRET_KEY is not set.")
    assert len(run.stderr.strip().splitlines()) == 1
