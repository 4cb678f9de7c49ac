"""What Prometheus would read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from webapp import metrics, record_metrics

TOKEN = "of-prometheus"


@pytest.fixture(autouse=True)
def read_anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(metrics, "_record", record_metrics.RecordCollector())


def scraped() -> str:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": "10.42.0.7:8000"})
    assert answer.status_code == 200
    return answer.content.decode()


def value(name: str, text: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None
