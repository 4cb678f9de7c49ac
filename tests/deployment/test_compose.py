"""docker-compose.yml against its published schema, and what the schema cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from webapp import stack
from webapp.paths import BASE_DIR

COMPOSE = BASE_DIR / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def test_it_fits_the_compose_specification() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_has_every_part(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"db", "redis", "web", "worker", "gpu", "beat"} <= set(services)
    assert services["gpu"]["profiles"] == ["gpu"]
    assert int(services["db"]["image"].split(":")[1].split(".")[0]) >= 17


def test_every_queue_of_the_settings_has_a_worker(settings: Any) -> None:
    wanted = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {"celery"}
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE.read_text())  # as with an empty environment
    commands = [service.get("command", []) for service in yaml.safe_load(text)["services"].values()]
    served = {queue for command in commands if "-Q" in command for queue in command[command.index("-Q") + 1].split(",")}
    assert served == wanted


def test_every_queue_of_the_settings_has_a_worker_on_one_machine(settings: Any) -> None:
    wanted = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {"celery"}
    assert {queue for queues in stack.WORKERS.values() for queue in queues.split(",")} == wanted


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    text = COMPOSE.read_text()
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert f"${{{secret}:?" in text
        assert f"${{{secret}:-" not in text
        assert f"${{{secret}}}" not in text


def test_nothing_but_the_web_is_published_and_that_to_this_machine_only(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}
