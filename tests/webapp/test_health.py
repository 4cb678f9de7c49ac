"""What probes are told while all is well, while parts are away, and before the tables are there."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from webapp import health

DOORS = ("live", "startup", "ready")


def asked(door: str) -> tuple[int, dict[str, Any]]:
    """As a probe asks: by an address that is no host of ours, without TLS."""
    answer = Client().get(f"/health/{door}", headers={"Host": "10.42.0.7:8000"})
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
def nothing_known_yet() -> None:
    health._migrated.clear()


@pytest.mark.django_db
def test_all_is_well(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert asked("live") == (200, {"status": "ok", "checks": {}})
    assert asked("startup") == (200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}})
    assert asked("ready") == (200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "redis": "ok"}})


@pytest.mark.django_db
def test_without_redis_people_who_work_are_not_turned_away(settings: Any) -> None:
    unreachable = {**django_settings.CACHES["default"], "LOCATION": "redis://:a-password@127.0.0.1:1/0"}
    settings.CACHES = {**django_settings.CACHES, "default": unreachable}
    status, said = asked("ready")
    assert (status, said["status"], said["checks"]["redis"]) == (200, "degraded", "away")
    assert "password" not in str(said)


@pytest.mark.django_db
def test_a_database_that_lacks_a_migration_gets_nobody() -> None:
    latest = MigrationRecorder.Migration.objects.filter(app="preferences").latest("pk")
    MigrationRecorder(connection).record_unapplied("preferences", latest.name)
    for door in ("startup", "ready"):
        status, said = asked(door)
        assert (status, said["status"], said["checks"]["migrations"]) == (503, "unavailable", "pending")
    MigrationRecorder(connection).record_applied("preferences", latest.name)
    assert asked("ready")[0] == 200  # it is looked up again until all are there


def test_a_process_without_its_database_lives_and_gets_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection to server at 10.0.0.1 failed: password margin")

    monkeypatch.setattr(health.connection, "cursor", away)
    monkeypatch.setattr(health.connection, "close", lambda: None)
    assert [asked(door)[0] for door in DOORS] == [200, 503, 503]
    assert asked("ready")[1]["checks"] == {"database": "away", "migrations": "away", "redis": "ok"}


@pytest.mark.django_db
def test_probes_are_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="webapp.requests"):
        for door in DOORS:
            asked(door)
    assert not caplog.records


def test_nothing_is_changed_by_a_probe() -> None:
    assert Client().post("/health/live").status_code == 405


def test_nobody_asks_through_the_proxy(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    outside = Client(headers={"X-Forwarded-For": "203.0.113.9"})
    assert [outside.get(f"/health/{door}{end}").status_code for door in DOORS for end in ("", "/")] == [404] * 6
    assert Client().get("/health/live").status_code == 200
