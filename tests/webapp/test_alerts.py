"""That the dashboard and the alerts ask for what there is, and that the runbook knows every alert."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from django.conf import settings as django_settings
from django.urls import URLPattern
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from preferences import metrics as counted_here
from tests.webapp.scraping import read_anew as read_anew  # a fixture
from tests.webapp.scraping import scraped
from webapp import metrics, urls
from webapp.celery import app
from webapp.paths import BASE_DIR

OF_OTHERS = {
    "up": {"job", "instance"},
    "node_filesystem_avail_bytes": {"instance", "mountpoint", "fstype"},
    "node_filesystem_size_bytes": {"instance", "mountpoint", "fstype"},
    "kube_cronjob_status_last_successful_time": {"cronjob"},
    "margin_backup_last_success_seconds": set[str](),  # ops/backup/once.sh, through node_exporter
}
ALERTS = [
    rule
    for group in yaml.safe_load((BASE_DIR / "ops/prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]


def asked_for() -> dict[str, set[str]]:
    """The metrics that are named, by where."""
    dashboard = json.loads((BASE_DIR / "ops/grafana/margin.json").read_text())
    alerts = yaml.safe_load((BASE_DIR / "ops/prometheus/alerts.yml").read_text())
    said = {f"panel {panel['title']}": [one["expr"] for one in panel["targets"]] for panel in dashboard["panels"]}
    said |= {f"alert {rule['alert']}": [rule["expr"]] for group in alerts["groups"] for rule in group["rules"]}
    names = re.compile(r"\b(?:margin_|node_|kube_|up\b)\w*")
    return {where: {name for words in all for name in names.findall(words)} for where, all in said.items()}


@pytest.mark.django_db
def test_dashboard_and_alerts_name_only_what_there_is() -> None:
    families = {family.name for family in text_string_to_metric_families(scraped())}
    kinds = ("", "_total", "_bucket", "_count", "_sum")
    there = {name + kind for name in families for kind in kinds} | set(OF_OTHERS)
    missing = {where: names - there for where, names in asked_for().items() if names - there}
    assert not missing
    assert all(asked_for().values())


def labels_there_are() -> dict[str, set[str]]:
    """By metric."""
    counted = [one for one in vars(counted_here).values() if isinstance(one, MetricWrapperBase)]
    labels = {one._name: set(one._labelnames) for one in counted}
    labels |= {one.name: set(getattr(one, "_labelnames", ())) for one in metrics._record.collect()}
    return labels | OF_OTHERS


@pytest.mark.django_db
def test_alerts_choose_and_add_up_by_labels_that_their_metrics_have() -> None:
    """A label that is misspelt is no error to Prometheus: the alert is never raised."""
    labels, kinds = labels_there_are(), re.compile("_(total|bucket|count|sum)$")
    for rule in ALERTS:
        named = re.findall(r"\b((?:margin_|node_|kube_|up\b)\w*)(?:\{([^}]*)\})?", rule["expr"])
        known = [labels[name if name in labels else kinds.sub("", name)] for name, _ in named]
        for (_, chosen), own in zip(named, known, strict=True):
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen)) <= own, rule["alert"]
        summed = re.findall(r"(?:by|on) \(([^)]*)\)", rule["expr"])
        wanted = {label.strip() for listed in summed for label in listed.split(",")} - {"le"}
        assert wanted <= set.union(*known), rule["alert"]
        told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert told <= wanted, rule["alert"]


@pytest.mark.django_db
def test_alerts_name_tasks_events_and_views_that_there_are() -> None:
    code = "".join(path.read_text() for path in (BASE_DIR / "annotation").rglob("*.py"))
    code += "".join(path.read_text() for path in (BASE_DIR / "preferences/actions").rglob("*.py"))
    said = " ".join(rule["expr"] for rule in ALERTS)
    for task in re.findall(r'task="([^"]+)"', said):
        assert task in app.tasks and task in {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    for verb in {verb for listed in re.findall(r'verb=~?"([^"]+)"', said) for verb in listed.split("|")}:
        assert f'"{verb}"' in code, verb
    for view in re.findall(r'view="([^"]+)"', said):
        assert view in {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


def test_every_alert_says_what_it_means_and_the_runbook_has_its_section() -> None:
    runbook = (BASE_DIR / "docs/operations.md").read_text()
    sections = set(re.findall(r"^#### (\w+)$", runbook, re.MULTILINE))
    assert {rule["alert"] for rule in ALERTS} == sections
    for rule in ALERTS:
        assert rule["annotations"]["summary"].endswith(".") and rule["labels"]["severity"] in {"page", "warn"}
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"


def test_what_is_tried_with_promtool_are_alerts_that_there_are() -> None:
    """`make alerts` tries them; here, only that none is left behind when it is renamed."""
    tests = yaml.safe_load((BASE_DIR / "ops/prometheus/alerts_test.yml").read_text())["tests"]
    known = {rule["alert"]: rule["annotations"]["runbook"] for rule in ALERTS}
    for tried in (one for test in tests for one in test["alert_rule_test"]):
        assert tried["alertname"] in known
        assert {one["exp_annotations"]["runbook"] for one in tried.get("exp_alerts", [])} <= {known[tried["alertname"]]}
