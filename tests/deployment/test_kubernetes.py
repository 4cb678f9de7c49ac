"""ops/kubernetes against Kubernetes' published schemas, and what the schemas cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from webapp.paths import BASE_DIR

FOLDER = BASE_DIR / "ops" / "kubernetes"
VERSION = "1.33"  # the oldest that is served; every field is in the later ones


# Each resource by its kind and name, beside the file that it stands in.
RESOURCES = {
    f"{one['kind']} {one['metadata']['name']}": (path, one)
    for path in sorted(FOLDER.rglob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text())
    if one["kind"] != "Kustomization"
}


def pod(resource: dict[str, Any]) -> dict[str, Any] | None:
    spec = resource.get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec")


PODS = {name: found for name, (_, one) in RESOURCES.items() if (found := pod(one))}
OURS = {name: found for name, found in PODS.items() if found["containers"][0]["image"] == "margin"}


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_it_fits_the_schema(name: str) -> None:
    kubernetes_validate.validate(RESOURCES[name][1], VERSION, strict=True)


@pytest.mark.parametrize("folder", [FOLDER, FOLDER / "monitoring"], ids=["margin", "monitoring"])
def test_every_file_is_a_resource_of_the_whole(folder: Path) -> None:
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert {name for name in named if name.endswith(".yaml")} == files
    assert all((folder / name / "kustomization.yaml").is_file() for name in set(named) - files)


@pytest.mark.parametrize("name", sorted(PODS))
def test_no_process_is_root_or_may_become_it_or_writes_to_its_image(name: str) -> None:
    pod = PODS[name]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["automountServiceAccountToken"] is False
    wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert container["securityContext"] == wanted
    assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]


def test_every_queue_has_a_worker(settings: Any) -> None:
    wanted = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {"celery"}
    commands = [pod["containers"][0]["args"] for pod in OURS.values()]
    served = [words[words.index("-Q") + 1].split(",") for words in commands if "-Q" in words]
    assert {queue for queues in served for queue in queues} == wanted
    assert ["export"] in served and sum("export" in queues for queues in served) == 1  # see test_compose.py


def test_no_secret_is_in_a_file_and_what_is_set_is_known() -> None:
    given = RESOURCES["ConfigMap margin"][1]["data"]
    assert not set(given) & {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "METRICS_TOKEN"}
    compose = (BASE_DIR / "docker-compose.yml").read_text()
    assert {name for name in given if f"{name}:" not in compose} == set()


def test_probes_ask_what_is_answered() -> None:
    (container,) = PODS["Deployment web"]["containers"]
    asked = {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}
    assert asked == {
        "startupProbe": "/health/startup", "readinessProbe": "/health/ready", "livenessProbe": "/health/live",
    }  # fmt: skip


def test_bodies_that_come_slowly_wait_at_the_ingress() -> None:
    annotations = RESOURCES["Ingress margin"][1]["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-request-buffering"] == "on"


def test_prometheus_asks_every_pod_that_tells_and_knows_where_to_say_what_it_finds() -> None:
    config = yaml.safe_load((FOLDER / "monitoring" / "prometheus.yml").read_text())
    found = {job["job_name"]: job.get("dns_sd_configs", [{}])[0] for job in config["scrape_configs"]}
    for job, port in {"web": 8000, "workers": 9100}.items():
        (name,) = found[job]["names"]
        service = RESOURCES[f"Service {name.split('.')[0]}"][1]["spec"]
        assert service["clusterIP"] == "None" and found[job]["port"] == service["ports"][0]["port"] == port
        told = {one for one, spec in OURS.items() if {"containerPort": port} in ports(spec)}
        labelled = {one for one in OURS if service["selector"].items() <= labels(one).items()}
        assert told == labelled and told
    (target,) = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    name, port = target.split(":")
    assert RESOURCES[f"Service {name}"][1]["spec"]["ports"][0]["port"] == int(port)


def ports(spec: dict[str, Any]) -> list[dict[str, int]]:
    return [{"containerPort": port["containerPort"]} for port in spec["containers"][0].get("ports", [])]


def labels(name: str) -> dict[str, str]:
    spec = RESOURCES[name][1]["spec"]
    return spec.get("jobTemplate", {}).get("spec", spec)["template"]["metadata"]["labels"]
