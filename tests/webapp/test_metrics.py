"""What Prometheus reads, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from annotation import queue
from annotation.models import SealingOrder
from exports import actions
from preferences import lifecycle, record_verifying
from preferences import metrics as counted_here
from preferences.actions import events
from preferences.choices import ExportStatus
from tests import factories
from tests.factories.sampling import SamplingRunFactory
from tests.webapp.scraping import TOKEN, scraped, value
from tests.webapp.scraping import read_anew as read_anew  # a fixture
from webapp import metrics, record_metrics
from webapp.celery import app, come_from_nowhere, come_from_there
from workers import tasks


@pytest.mark.django_db
def test_nobody_reads_it_without_the_token(settings: Any) -> None:
    asked = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}]
    assert [Client().get("/metrics", headers=headers).status_code for headers in asked] == [401] * 4
    settings.METRICS_TOKEN = ""
    assert [Client().get("/metrics", headers=headers).status_code for headers in asked] == [404] * 4


@pytest.mark.django_db
def test_requests_are_counted_by_view_and_status_and_what_anybody_makes_up_is_one_word() -> None:
    def found(**labels: str) -> float:
        return value("margin_requests_total", scraped(), **labels) or 0

    page = {"view": "sign_in", "method": "GET", "status": "200"}
    nothing = {"view": "none", "method": "other", "status": "404"}
    before, before_nothing = found(**page), found(**nothing)
    timed = value("margin_request_seconds_count", scraped(), view="sign_in") or 0
    Client().get("/sign-in/")
    Client().generic("BREW", "/no/such/page/")
    assert (found(**page), found(**nothing)) == (before + 1, before_nothing + 1)
    assert value("margin_request_seconds_count", scraped(), view="sign_in") == timed + 1
    assert found(view="none", method="GET", status="200") == 0  # reading this is not counted


@pytest.mark.django_db
def test_what_was_done_is_counted_once_it_is_there_to_stay(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    campaign = factories.campaign()

    def found() -> float:
        child = counted_here.EVENTS.labels("campaign.looked_at", campaign.slug)
        return float(child._value.get())

    with django_capture_on_commit_callbacks(execute=True):
        events.record("campaign.looked_at", campaign, by=None, campaign=campaign)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            events.record("campaign.looked_at", campaign, by=None, campaign=campaign)
            raise ZeroDivisionError
    assert found() == 1


@pytest.mark.django_db
def test_responses_are_counted_with_what_they_took(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    response = factories.response(factories.turn(), latency_ms=2_500, prompt_tokens=10, completion_tokens=25)
    with django_capture_on_commit_callbacks(execute=True):
        counted_here.count_generated_once_committed([response])
    variant, text = response.variant.name, scraped()
    assert value("margin_generated_tokens_total", text, variant=variant, kind="completion") == 25
    assert value("margin_generated_tokens_total", text, variant=variant, kind="prompt") == 10
    assert value("margin_generation_seconds_sum", text, variant=variant) == 2.5


@pytest.mark.django_db
def test_tasks_are_counted_by_how_they_ended() -> None:
    labels = {"task": "workers.tasks.wake", "outcome": "failure"}
    before = value("margin_task_seconds_count", scraped(), **labels) or 0
    tasks.wake.push_request(id="a-task")
    come_from_there(task_id="a-task", task=tasks.wake)
    come_from_nowhere(task_id="a-task", task=tasks.wake, state="FAILURE")
    tasks.wake.pop_request()
    assert value("margin_task_seconds_count", scraped(), **labels) == before + 1


@pytest.mark.django_db
def test_the_record_is_asked_what_waits_and_how_long() -> None:
    campaign = factories.campaign(slug="sky", raters_per_item=2)
    first = factories.comparison(campaign)
    factories.comparison(campaign)
    type(first).objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(hours=1))
    run = SamplingRunFactory(variant=factories.variant("big", queue="gpus"))
    type(run).objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=10))
    queue.claim(campaign=campaign, by=factories.reads(factories.annotator(campaign), campaign))
    factories.worker(queues=["sample.gpus"], name="gpu0@far", host="far", memory_used=3, memory_total=4)
    app.control.purge()
    text = scraped()
    assert value("margin_slots_open", text, campaign="sky") == 2  # the one that is held opened its second
    assert value("margin_leases_held", text, campaign="sky") == 1
    assert 0 <= value("margin_slots_oldest_seconds", text, campaign="sky") <= 3_700
    assert value("margin_runs_waiting", text, variant="big") == 1
    assert 600 <= value("margin_runs_oldest_seconds", text, variant="big") < 700
    assert value("margin_workers", text, queue="sample.gpus") == 1
    assert value("margin_workers", text, queue="export") == 0
    assert value("margin_gpu_memory_bytes", text, worker="gpu0@far", host="far", kind="used") == 3
    assert value("margin_broker_messages", text, queue="sample.gpus") == 0
    assert (value("margin_database_up", text), value("margin_broker_up", text)) == (1, 1)


@pytest.mark.django_db
def test_agreement_stands_there_with_its_interval() -> None:
    campaign = factories.campaign(slug="agreed", raters_per_item=2)
    for score in (-3, 2, 1, -2):
        factories.judged_comparison(campaign, scores=[score, score])
    text = scraped()
    low, estimate, high = (
        value("margin_agreement_ac2", text, campaign="agreed", bound=bound) for bound in ("low", "estimate", "high")
    )
    assert low <= estimate <= high <= 1


@pytest.mark.django_db
def test_it_asks_once_in_ten_seconds_however_many_read(django_assert_num_queries: Callable[..., Any]) -> None:
    scraped()
    with django_assert_num_queries(0):
        scraped()


def without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of it from here on."""

    def away(*_arguments: Any, **_named: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(connection, "chunked_cursor", away)
    monkeypatch.setattr(record_metrics.connection, "close", lambda: None)


@pytest.mark.django_db
@pytest.mark.parametrize("broker", [1, 0])
def test_what_is_away_is_told_and_the_rest_still_read(broker: int, monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_database(monkeypatch)
    if not broker:
        monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    text = scraped()
    assert (value("margin_database_up", text), value("margin_broker_up", text)) == (0, broker)
    assert (value("margin_broker_messages", text, queue="export") is not None) == bool(broker)
    assert "margin_requests" in text


@pytest.mark.django_db
def test_what_somebody_waits_for_is_told_with_its_age_from_when_it_was_last_wanted() -> None:
    assert value("margin_work_oldest_seconds", scraped(), work="export") is None
    batch, campaign = factories.batch(), factories.campaign()
    manager = factories.manager(campaign)
    export = actions.request(batch=batch, format="trl", margin="small", by=manager)
    age("export.requested", hours=5)
    asked_anew()
    assert 18_000 <= value("margin_work_oldest_seconds", scraped(), work="export") < 18_100
    lifecycle.advance(export, ExportStatus.RUNNING)
    lifecycle.advance(export, ExportStatus.FAILED, reason="The disk is full.")
    events.record("export.failed", export, by=None)
    asked_anew()
    text = scraped()
    assert value("margin_work_oldest_seconds", text, work="export") is None
    assert (value("margin_exports_failed", text), value("margin_exports_unfinished", text)) == (1, 0)
    actions.write_again(export=export, by=manager)
    age("export.failed", hours=2)
    order = SealingOrder.objects.create(campaign=campaign, week="2026-W40", ordered_by=manager)
    SealingOrder.objects.filter(pk=order.pk).update(ordered_at=timezone.now() - timedelta(minutes=50))
    asked_anew()
    text = scraped()
    assert 0 <= value("margin_work_oldest_seconds", text, work="export") < 100
    assert 3_000 <= value("margin_work_oldest_seconds", text, work="sealing") < 3_100
    assert value("margin_exports_failed", text) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("read_anew")
def test_what_the_daily_look_at_the_record_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_anew()
    assert value("margin_record_faults", scraped()) is None
    monkeypatch.setattr("preferences.triggers.differences", lambda: ["A trigger is off."])
    record_verifying.look()
    age("record.verified", hours=1)
    asked_anew()
    text = scraped()
    assert value("margin_record_faults", text) == 1
    assert 3_600 <= value("margin_record_verified_seconds", text) < 3_700


def age(verb: str, *, hours: int) -> None:
    """Past the trigger that keeps an event as it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE preferences_event SET at = at - %s * interval '1 hour' WHERE verb = %s", [hours, verb])
        cursor.execute("SET LOCAL session_replication_role = origin")


def asked_anew() -> None:
    metrics._record._asked_at = -record_metrics.SECONDS


@pytest.mark.django_db
def test_nobody_reads_it_through_the_proxy(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"}
    assert Client().get("/metrics", headers=headers).status_code == 404
    assert scraped()


def test_every_queue_of_the_settings_is_told_of(db: None) -> None:
    assert {route["queue"] for route in django_settings.CELERY_TASK_ROUTES.values()} <= set(record_metrics._queues())
