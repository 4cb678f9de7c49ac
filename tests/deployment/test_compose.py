"""docker-compose.yml against its published schema, and what the schema cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from webapp import stack
from webapp.paths import BASE_DIR
from webapp.schedule import ROUTES

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
    assert {"db", "redis", "proxy", "web", "worker", "gpu", "vllm", "beat", "prometheus", "grafana"} <= set(services)
    assert {"alertmanager", "backup", "exporter"} <= set(services)
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
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "METRICS_TOKEN", "GRAFANA_PASSWORD"):
        assert f"${{{secret}:?" in text
        assert f"${{{secret}:-" not in text
        assert f"${{{secret}}}" not in text


def test_what_has_to_be_given_stands_in_the_example(compose: dict[str, Any]) -> None:
    wanted = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    example = (BASE_DIR / ".env.example").read_text()
    assert wanted <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    optional = set(re.findall(r"^# (\w+)=", example, re.MULTILINE))
    assert {name for name in optional if f"${{{name}:-" not in COMPOSE.read_text()} == set()


def test_each_starts_when_it_can_do_its_work(compose: dict[str, Any]) -> None:
    """Databases and broker, then the migrations, then everything of ours, then whom people reach."""
    waits = {
        name: {other: how["condition"] for other, how in one.get("depends_on", {}).items()}
        for name, one in compose["services"].items()
    }
    ours = {name for name, one in compose["services"].items() if "build" in one} - {"migrate"}
    assert {"web", "worker", "exporter", "sampler", "trainer", "gpu", "beat", "backup"} == ours
    assert waits["migrate"] == {"db": "service_healthy"} and waits["proxy"] == {"web": "service_healthy"}
    for name in ours:
        assert waits[name] == {"migrate": "service_completed_successfully", "redis": "service_healthy"}, name


def test_only_the_proxy_is_published_and_the_dashboard_to_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"proxy": ["80:80", "443:443"], "grafana": ["127.0.0.1:3000:3000"]}


def test_images_are_pinned_not_written_to_and_have_no_capability_they_do_not_need(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert re.fullmatch(r"[\w/-]+:(v?\d+\.\d+(\.\d+)?|local)", service["image"]), name
        assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"], name
        assert service.get("read_only") or name == "vllm", name
    added = {name: service["cap_add"] for name, service in compose["services"].items() if "cap_add" in service}
    assert added == {"proxy": ["NET_BIND_SERVICE"]}
    assert re.search(r"^FROM python:\d+\.\d+\.\d+-slim-\w+$", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE)


def test_nothing_takes_all_of_the_machine_and_no_log_fills_its_disk(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["mem_limit"] and service["pids_limit"], name
        assert service["logging"]["options"]["max-size"] and service["logging"]["options"]["max-file"], name


def test_whatever_serves_is_asked_whether_it_does_and_comes_again(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, one in services.items() if "healthcheck" not in one} == {"migrate", "beat", "backup"}
    assert {name for name, one in services.items() if one["restart"] != "unless-stopped"} == {"migrate"}


def test_who_seals_does_nothing_that_people_wait_for(compose: dict[str, Any]) -> None:
    """Where it is no root it stays behind them for good (preferences/priority.py)."""
    assert ROUTES["annotation.tasks.seal_ordered"] == ROUTES["annotation.tasks.seal_weeks"] == {"queue": "export"}
    commands = [one["command"] for one in compose["services"].values() if "-Q" in one.get("command", [])]
    served = [command[command.index("-Q") + 1].split(",") for command in commands]
    served += [queues.split(",") for queues in stack.WORKERS.values()]
    assert [queues for queues in served if "export" in queues] == [["export"], ["export"]]


def test_the_database_and_the_broker_are_reached_by_margin_alone(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert compose["networks"]["data"]["internal"] is True
    assert services["db"]["networks"] == services["redis"]["networks"] == ["data"]
    assert services["redis"]["command"][-2:] == ["--requirepass", "${REDIS_PASSWORD:?set REDIS_PASSWORD}"]
    strange = [name for name, one in services.items() if "data" in one.get("networks", []) and "build" not in one]
    assert strange == ["db", "redis"]


def test_whoever_is_asked_to_end_has_the_time_for_it(compose: dict[str, Any]) -> None:
    """A web server answers what was begun within gunicorn's 30 s; a worker samples for sampling.MOST_SECONDS."""
    services = compose["services"]
    assert services["web"]["stop_grace_period"] == "40s"
    workers = [service for service in services.values() if "worker" in service.get("command", [])]
    assert len(workers) == 5 and {worker["stop_grace_period"] for worker in workers} == {"75s"}


def test_prometheus_asks_the_services_that_tell(compose: dict[str, Any]) -> None:
    config = yaml.safe_load((BASE_DIR / "ops/prometheus/prometheus.yml").read_text())
    asked = {name for job in config["scrape_configs"] for found in job["dns_sd_configs"] for name in found["names"]}
    services = compose["services"].items()
    telling = {name for name, one in services if "METRICS_BIND" in (one.get("environment") or {})} | {"web", "node"}
    assert asked == telling


def test_prometheus_gets_the_token_in_a_file_that_a_read_only_container_can_have(compose: dict[str, Any]) -> None:
    """Compose refuses to put a secret that is no file into one."""
    service = compose["services"]["prometheus"]
    config = yaml.safe_load((BASE_DIR / "ops/prometheus/prometheus.yml").read_text())
    file = Path(config["scrape_configs"][0]["authorization"]["credentials_file"])
    assert str(file.parent) in service["tmpfs"] and f"> {file} " in service["entrypoint"][2]
    assert not [name for name, one in compose["services"].items() if one.get("read_only") and "secrets" in one]


def test_the_database_is_healthy_once_others_can_reach_it(compose: dict[str, Any]) -> None:
    """The server that makes a new database listens on its socket alone, and ends again."""
    assert "pg_isready -h 127.0.0.1" in compose["services"]["db"]["healthcheck"]["test"][1]


def test_the_proxy_says_anew_what_margin_believes_keeps_metrics_inside_and_waits_for_slow_bodies() -> None:
    said = (BASE_DIR / "ops/caddy/Caddyfile").read_text()
    for line in (
        "header_up X-Forwarded-For {remote_host}",
        "header_up X-Forwarded-Proto {scheme}",
        "header_up X-Request-ID {http.request.uuid}",
        "@inside path /metrics /health/*",
        "respond @inside 404",
        "health_uri /health/live",
        "request_buffers 20MB",
        "read_body 10m",
    ):
        assert line in said


def test_the_image_can_be_built_with_the_settings_that_its_file_gives(tmp_path: Path) -> None:
    (line,) = re.findall(r"^RUN (DATABASE_URL=.*)$", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE)
    environment = {"PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin", "MARGIN_VAR": str(tmp_path)}
    command = ["sh", "-c", f"{line} --dry-run"]
    run = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "static files" in run.stdout
