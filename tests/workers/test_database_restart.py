"""The database itself starts anew, while a worker has a batch in hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.db import connection

from tests.workers.draining import TURNS
from webapp.paths import BASE_DIR
from webapp.services import postgres, short_directory


@pytest.fixture
def own_server(transactional_db: None, open_directory: Path) -> Iterator[tuple[Path, str]]:
    """The data directory of a PostgreSQL of the test's own, with an empty database like that of the tests; its URL."""
    data = open_directory / "data"
    url = postgres.ensure(data, short_directory())
    try:
        _copy_tables(url, _programs(data))
        yield data, url
    finally:
        postgres.stop(data, short_directory())


def _programs(data: Path) -> Path:
    """Where the server's own pg_dump and psql lie."""
    server = int((data / "postmaster.pid").read_text().splitlines()[0])
    return Path(psutil.Process(server).exe()).parent


def _copy_tables(to: str, programs: Path) -> None:
    """A dump takes a second where all migrations take ten."""
    made = connection.settings_dict
    known = {"PGHOST": made["HOST"], "PGPORT": made["PORT"], "PGUSER": made["USER"], "PGPASSWORD": made["PASSWORD"]}
    source = {**os.environ, **{name: str(value) for name, value in known.items() if value}}
    dumped = subprocess.run([programs / "pg_dump", made["NAME"]], env=source, capture_output=True, check=True)
    command = [programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", to]
    subprocess.run(command, input=dumped.stdout, capture_output=True, check=True)


@pytest.mark.timeout(120)
def test_no_pair_is_lost_or_doubled_when_the_database_starts_anew_in_the_middle_of_a_batch(
    own_server: tuple[Path, str],
) -> None:
    data, url = own_server
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.workers.draining"],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "MARGIN_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "webapp.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None and worker.stdout is not None
    try:
        assert worker.stdout.readline() == "generating\n"

        assert postgres.stop(data, short_directory())
        assert postgres.ensure(data, short_directory()) == url
        said, _ = worker.communicate("\n" * 100)
    finally:
        worker.kill()

    assert said.splitlines()[-1] == f"over {TURNS} {TURNS} {2 * TURNS}"
    # Three responses of two variants, two at a time: what was in hand was recorded and not sampled again.
    assert said.count("generating") == 3
