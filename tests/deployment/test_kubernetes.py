"""ops/kubernetes against Kubernetes' published schemas, and what the schemas cannot say."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from webapp.paths import BASE_DIR

FOLDER = BASE_DIR / "ops" / "kubernetes"
VERSION = "1.33"  # the oldest that is served; every field is in the later ones


def manifests() -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}


MANIFESTS = manifests()
PODS = {
    name: one["spec"]["template"]["spec"] for name, one in MANIFESTS.items() if one["kind"] in {"Deployment", "Job"}
}


@pytest.mark.parametrize("name", sorted(set(MANIFESTS) - {"kustomization"}))
def test_it_fits_the_schema(name: str) -> None:
    kubernetes_validate.validate(MANIFESTS[name], VERSION, strict=True)


def test_every_file_is_a_resource_of_the_whole() -> None:
    assert set(MANIFESTS["kustomization"]["resources"]) == {f"{name}.yaml" for name in MANIFESTS} - {
        "kustomization.yaml"
    }


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
    commands = [pod["containers"][0]["args"] for pod in PODS.values()]
    assert {queue for words in commands if "-Q" in words for queue in words[words.index("-Q") + 1].split(",")} == wanted


def test_no_secret_is_in_a_file_and_what_is_set_is_known() -> None:
    given = MANIFESTS["config"]["data"]
    assert not set(given) & {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "METRICS_TOKEN"}
    compose = (BASE_DIR / "docker-compose.yml").read_text()
    assert {name for name in given if f"{name}:" not in compose} == set()


def test_probes_ask_what_is_answered() -> None:
    (container,) = PODS["web"]["containers"]
    asked = {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}
    assert asked == {
        "startupProbe": "/health/startup", "readinessProbe": "/health/ready", "livenessProbe": "/health/live",
    }  # fmt: skip
