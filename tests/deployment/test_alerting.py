"""Alerts reach somebody: Prometheus knows Alertmanager, whose configuration is made of the environment."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from webapp.paths import BASE_DIR

MAIL = {
    "ALERTS_EMAIL": "o'brien@example.org",
    "ALERTS_FROM": "margin@example.org",
    "ALERTS_SMTP": "mail.example.org:587",
}
SECRETS = {
    "ALERTS_SMTP_USER": "margin",
    "ALERTS_SMTP_PASSWORD": 'it\'s $(a) "secret"',
    "ALERTS_WEBHOOK": "https://chat.example.org/hooks/secret",
}


def configured(directory: Path, environment: dict[str, str]) -> dict[str, Any]:
    run = configure(directory, environment)
    assert run.returncode == 0, run.stderr
    return yaml.safe_load((directory / "alertmanager.yml").read_text())


def configure(directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = BASE_DIR / "ops/alertmanager/configure.sh"
    command = ["/bin/sh", str(script), str(directory)]
    return subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=False
    )


def test_alerts_go_by_mail_and_to_a_webhook_and_secrets_stand_in_files_of_their_own(tmp_path: Path) -> None:
    made = configured(tmp_path, MAIL | SECRETS)
    (receiver,) = made["receivers"]
    (mail,), (webhook,) = receiver["email_configs"], receiver["webhook_configs"]
    assert (mail["to"], mail["from"], mail["smarthost"]) == tuple(MAIL.values())
    assert Path(mail["auth_password_file"]).read_text() == SECRETS["ALERTS_SMTP_PASSWORD"]
    assert Path(webhook["url_file"]).read_text() == SECRETS["ALERTS_WEBHOOK"]
    text = (tmp_path / "alertmanager.yml").read_text()
    assert "secret" not in text and mail["send_resolved"] and webhook["send_resolved"]
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_either_of_them_is_enough_and_none_is_refused(tmp_path: Path) -> None:
    (receiver,) = configured(tmp_path, MAIL)["receivers"]
    assert "webhook_configs" not in receiver and "auth_username" not in receiver["email_configs"][0]
    (receiver,) = configured(tmp_path, {"ALERTS_WEBHOOK": "https://chat.example.org/"})["receivers"]
    assert "email_configs" not in receiver
    for environment, sentence in (
        ({}, "alerts would go nowhere"),
        ({"ALERTS_EMAIL": "a@example.org"}, "set ALERTS_FROM"),
    ):
        run = configure(tmp_path, environment)
        assert run.returncode != 0 and sentence in run.stderr


def test_routes_name_receivers_and_silencing_names_alerts_that_there_are(tmp_path: Path) -> None:
    made = configured(tmp_path, MAIL)
    receivers = {receiver["name"] for receiver in made["receivers"]}
    routes = [made["route"], *made["route"]["routes"]]
    assert {route["receiver"] for route in routes} <= receivers
    assert made["route"]["routes"][0]["matchers"] == ['severity="page"']
    rules = yaml.safe_load((BASE_DIR / "ops/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    alerts = {rule["alert"] for rule in rules}
    for rule in made["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            assert set(matcher.partition("=")[2].strip('~"').split("|")) <= alerts


def test_compose_hands_over_what_the_script_asks_for() -> None:
    service = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]["alertmanager"]
    script = (BASE_DIR / "ops/alertmanager/configure.sh").read_text()
    assert set(service["environment"]) == {*MAIL, *SECRETS} == set(re.findall(r"\$\{?(ALERTS_\w+)", script))
    assert "configure.sh /run/alertmanager &&" in service["entrypoint"][2]
    assert "--config.file=/run/alertmanager/alertmanager.yml" in service["command"]
    config = yaml.safe_load((BASE_DIR / "ops/prometheus/prometheus.yml").read_text())
    assert config["alerting"]["alertmanagers"][0]["dns_sd_configs"][0]["names"] == ["alertmanager"]
