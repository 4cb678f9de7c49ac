"""Label Studio beside Margin: on a database of its own on the same PostgreSQL, under the same kind of server.

It is measured where `make label-studio` has installed it (var/peers-label-studio). Nothing is fetched and nothing told
to anybody while it runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.database import connected_to, made_and_dropped
from bench.server import served
from bench.settings import REPORT

VERSION = "1.23.2"
PLACE = Path(settings.VAR_DIR) / "peers-label-studio"
DATABASE = "margin_bench_label_studio"
ROWS = Path(__file__).with_name("label_studio_rows.py")
MISSING = f"Label Studio {VERSION} is not installed here, and stands beside nothing: make label-studio installs it."


@dataclass(frozen=True)
class LabelStudio:
    """A project, with the tokens of the people who may work on it."""

    project: int
    tokens: list[str]
    environment: Mapping[str, str]

    @contextmanager
    def running(self, *, workers: int, threads: int) -> Iterator[str]:
        """The address of its server."""
        command = [_python(), "-m", "gunicorn", "core.wsgi", "--workers", str(workers), "--threads", str(threads)]
        with served(command, ready="/health", folder=_package(), environment=self.environment) as address:
            yield address

    def judged_twice(self) -> int:
        """Pairs that have more annotations than the one that was asked for."""
        return self._count(
            "SELECT count(*) FROM (SELECT FROM task_completion GROUP BY task_id HAVING count(*) > 1) AS twice"
        )

    def judged(self) -> int:
        return self._count("SELECT count(*) FROM task_completion")

    def _count(self, query: str) -> int:
        with connected_to(DATABASE) as cursor:
            cursor.execute(query)
            found: int = cursor.fetchone()[0]
        return found


def is_installed() -> bool:
    return (PLACE / ".installed").exists()


@contextmanager
def made(*, pairs: int, people: int, judged: bool) -> Iterator[LabelStudio]:
    """A new database with so many pairs of 1.5 KB responses; gone when the block ends. Migrating takes a minute."""
    environment = _environment()
    with made_and_dropped(DATABASE):
        try:
            _run(["manage.py", "migrate", "--verbosity", "0"], environment)
            given = [str(_package()), str(pairs), str(people), str(int(judged))]
            found = json.loads(_run(["-P", str(ROWS), *given], environment).splitlines()[-1])
            with connected_to(DATABASE) as cursor:
                cursor.execute("ANALYZE")
            yield LabelStudio(found["project"], found["tokens"], environment)
        finally:
            shutil.rmtree(environment["LABEL_STUDIO_BASE_DATA_DIR"], ignore_errors=True)


def _run(arguments: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [_python(), *arguments], cwd=_package(), env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"Label Studio could not be made ready:\n{done.stderr[-2000:]}")
    return done.stdout


def _python() -> str:
    return str(PLACE / "bin" / "python")


def _package() -> Path:
    (found,) = PLACE.glob("lib/python*/site-packages/label_studio")
    return found


def _environment() -> Mapping[str, str]:
    of_database = connection.settings_dict
    return {
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "DJANGO_DB": "default",
        "POSTGRE_HOST": of_database["HOST"],
        "POSTGRE_PORT": str(of_database["PORT"] or 5432),
        "POSTGRE_USER": of_database["USER"],
        "POSTGRE_PASSWORD": of_database["PASSWORD"] or "none",
        "POSTGRE_NAME": DATABASE,
        "LABEL_STUDIO_BASE_DATA_DIR": str(REPORT.with_name("label-studio")),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "1",
        # Extensions that the embedded server lacks; without their indexes its writes are cheaper, not dearer.
        "SKIP_TRIGRAM_EXTENSION": "full",
        "SKIP_BTREE_GIN_EXTENSION": "full",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "0",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
