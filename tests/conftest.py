from __future__ import annotations

import fcntl
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone, translation
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.clock import Clock
from webapp.celery import app as celery_app
from webapp.demo import setting
from webapp.environment import cache_url
from webapp.paths import BASE_DIR, VAR_DIR

# Each process that a test starts would compile every module anew where bytecode is not kept, and pytest would rewrite
# every assert anew, which is half of what collecting costs.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Torch and its libraries run with one thread in tests: the machine has two cores and PostgreSQL wants one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Playwright's event loop runs in the thread of the test, which also asks the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PATIENCE = 120

# HYPOTHESIS_PROFILE=thorough looks at many more. How long an example takes says how busy the machine is.
_slow = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("suite", max_examples=50, deadline=None, suppress_health_check=_slow)
hypothesis.settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=_slow)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


# Tests run in four processes at once, each with a database of its own (pytest-django) and a broker of its own; the next
# number is the cache of rendered texts (webapp/environment.py).
BROKER_NUMBER = {"": 8, "gw0": 8, "gw1": 10, "gw2": 12, "gw3": 14}[os.environ.get("PYTEST_XDIST_WORKER", "")]


def _test_broker() -> str:
    """The same server with another database number, so that no worker of a running stack takes a test's message."""
    url = django_settings.CELERY_BROKER_URL
    if url.startswith("redis+socket"):
        return f"{url}?virtual_host={BROKER_NUMBER}"
    return f"{url.rsplit('/', 1)[0]}/{BROKER_NUMBER}"


celery_app.conf.broker_url = _test_broker()
django_settings.PASSWORD_HASHERS = ["tests.hashers.CheapArgon2"]
for _cache in django_settings.CACHES.values():
    _cache["LOCATION"] = cache_url(celery_app.conf.broker_url)

# Each client of a test would have WhiteNoise read all that was collected, though no test asks it for a file. Where the
# folder is missing it warns, and a warning fails a test.
django_settings.STATIC_ROOT = VAR_DIR / "run" / "nothing-collected"
django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# For good, not for each test: a page of the test before may still be answered between two.
_plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django_settings.STORAGES = {**django_settings.STORAGES, "staticfiles": _plain}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each process copies what was migrated once."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database that somebody is still connected to cannot be dropped in the end."""
    with django_db_blocker.unblock():
        databases.without_waiting_for_the_disk()
    yield
    with django_db_blocker.unblock():
        databases.end_others()


TransactionTestCase._fixture_teardown = lambda _self: databases.empty()  # what pytest-django's tests end with


@pytest.fixture(autouse=True)
def empty_caches() -> None:
    """Each test signs in as if nobody had tried before, and nothing was rendered or counted."""
    caches["default"].clear()  # all of them are one database of the server, which this empties


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page leaves its language behind in the thread of the test."""
    with translation.override("en"):
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture(scope="session")
def tiny_models() -> Path:
    """The demo's two checkpoints, trained once on this machine and shared with `make demo`."""
    (VAR_DIR / "models").mkdir(parents=True, exist_ok=True)
    with (VAR_DIR / "models" / "training.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return setting.train_models()


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end, torch's among them: no search for garbage needs to look through them again.

    What a test leaves is little, and searched for as often as usual it costs one second of eighteen.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


WITHOUT_MODELS = "bench.echo_worker"  # the application whose engine says the question again: torch is not loaded


class Worker:
    """A real Celery worker on the test database and the test broker."""

    def __init__(self, log: Path, application: str = "webapp") -> None:
        self._log = log.open("ab")
        command = [sys.executable, "-m", "celery", "-A", application, "worker", "-Q", "sample,export,celery", "-c", "1"]
        self.process = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "-l", "INFO"],
            cwd=BASE_DIR,
            env=self.environment(),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @staticmethod
    def environment() -> dict[str, str]:
        made = connection.settings_dict
        parts = {"user": made["USER"], "password": made["PASSWORD"], "host": made["HOST"], "port": made["PORT"]}
        query = "&".join(f"{name}={value}" for name, value in parts.items() if value)
        return {
            **os.environ,
            "DATABASE_URL": f"postgresql:///{made['NAME']}?{query}",
            "REDIS_URL": celery_app.conf.broker_url,
            "MARGIN_LOCAL": "1",
            "OMP_NUM_THREADS": "1",
        }

    def kill(self) -> None:
        """SIGKILL for the worker and its children, in the middle of whatever they do."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        os.kill(self.process.pid, signal.SIGKILL)
        for child in children:
            child.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._log.close()


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts real workers; whatever they still hold is purged and they are ended after the test."""
    started: list[Worker] = []
    celery_app.control.purge()

    def start(application: str = "webapp") -> Worker:
        started.append(Worker(tmp_path / "worker.log", application))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()
    celery_app.control.purge()


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """For a server that runs as a user of its own: pytest's folders are shut to others whenever another run begins."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def real_data() -> Path:
    """Public files of others, where they lie on this machine."""
    folder = os.environ.get("MARGIN_REAL_DATA")
    if not folder:
        # Others' data are never part of the repository. Beside each of these tests stand others that take the same ways
        # with pairs of our own and always run; these ask the same of the files as they were published.
        pytest.skip("MARGIN_REAL_DATA is not set: no folder with the HH and PandaLM files to run on")
    return Path(folder)


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Waits until the condition gives something true; a test fails that waits too long."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.2)
        pytest.fail(f"Still not so after {PATIENCE} seconds.")

    return wait


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a character in what a test wrote to the log ends the process that it runs in: no report can carry it."""
    report = yield
    report.sections = [(name, said.encode("utf-8", "replace").decode()) for name, said in report.sections]
    return report
