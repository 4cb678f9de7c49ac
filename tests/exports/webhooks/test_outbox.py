"""What happened is told once, to whom it concerns, whatever commits when."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from exports import actions as export_actions
from exports.webhooks import actions, content, outbox
from exports.webhooks.models import Delivery, Kind, Message
from preferences.actions import events
from preferences.errors import Conflict
from preferences.models import Campaign, Erasure, Event
from tests import factories
from tests.concurrency import at_once
from tests.exports.helpers import sealed, written
from tests.exports.webhooks.helpers import SITE, told, webhook
from tests.factories.batches import BatchFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


def said(delivery: Delivery) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(content.body(delivery.message, delivery.webhook))
    return message


def test_a_sealed_batch_is_told_with_what_a_pipeline_needs_and_none_of_its_texts(campaign: Campaign) -> None:
    webhook(campaign)
    batch = factories.batch(campaign, comparisons=3)
    held_out = batch.items.filter(group__split="test").count()
    (delivery,) = told()
    event = Event.objects.get(verb="batch.sealed")
    message = said(delivery)
    assert message == {
        "type": "batch.sealed",
        "timestamp": event.at.isoformat(),
        "data": {
            "batch": {
                "id": str(batch.pk),
                "name": batch.name,
                "version": 1,
                "week": batch.week,
                "sha256": batch.sha256,
                "comparisons": 3,
                "split": {"train": 3 - held_out, "test": held_out},
                "sealed_at": batch.sealed_at.isoformat(),
                "url": f"{SITE}/batches/{batch.pk}/",
                "api_url": f"{SITE}/api/v1/batches/{batch.pk}/",
            }
        },
    }


def test_a_new_version_of_a_batch_is_told_as_one_that_takes_the_place_of_another(campaign: Campaign) -> None:
    webhook(campaign, kinds=[Kind.BATCH_SUPERSEDED])
    webhook(factories.campaign())  # the new version holds nothing, and is its campaign's all the same
    batch = factories.batch(campaign)
    erasure = Erasure.objects.create(subject="dialogue:1", reason="It names somebody.")
    newer = BatchFactory(name=batch.name, version=2, week=batch.week, erasure=erasure)
    events.record("batch.renewed", newer, by=None, removed=1, changed=2)
    (delivery,) = told()
    message = said(delivery)
    assert (message["type"], message["data"]["batch"]["version"]) == ("batch.superseded", 2)
    assert message["data"] | {"batch": None} == {
        "batch": None,
        "supersedes": {"version": 1},
        "removed": 1,
        "changed": 2,
    }


def test_an_export_that_is_ready_is_told_with_its_rows_its_hash_and_its_manifest(
    campaign: Campaign, tmp_path: Path
) -> None:
    hook = webhook(campaign, kinds=[Kind.EXPORT_READY])
    batch = factories.batch(campaign)
    export = written(batch, tmp_path / "out")
    (delivery,) = told()
    message = said(delivery)
    assert (delivery.webhook, message["type"]) == (hook, "export.ready")
    assert message["data"]["export"] == {
        "id": str(export.pk),
        "format": "trl",
        "margin": "small",
        "mix": None,
        "api_url": f"{SITE}/api/v1/exports/{export.pk}/",
        "rows": export.rows,
        "manifest_sha256": export.manifest_sha256,
        "manifest_url": f"{SITE}/api/v1/exports/{export.pk}/files/manifest.json",
    }
    assert message["data"]["batch"]["name"] == batch.name


def test_an_export_that_failed_is_told_without_the_reason_which_may_quote_a_row(
    campaign: Campaign, tmp_path: Path
) -> None:
    batch = factories.batch(campaign)
    webhook(campaign, kinds=[Kind.EXPORT_FAILED])
    (tmp_path / "taken").mkdir()
    export = export_actions.request(batch=batch, format="trl", margin="small", by=None)
    with pytest.raises(Conflict):
        export_actions.write(export=export, out=tmp_path / "taken")
    (delivery,) = told()
    assert said(delivery)["type"] == "export.failed"
    assert said(delivery)["data"]["export"] == {
        "id": str(export.pk),
        "format": "trl",
        "margin": "small",
        "mix": None,
        "api_url": f"{SITE}/api/v1/exports/{export.pk}/",
    }


def test_what_is_told_is_the_same_to_the_byte_whenever_it_is_asked_for(campaign: Campaign) -> None:
    hook = webhook(campaign)
    factories.batch(campaign)
    told()
    bodies = {content.body(message, hook) for message in [*Message.objects.all(), *Message.objects.all()]}
    assert len(bodies) == Message.objects.count()


def test_each_event_is_told_once_to_each_webhook_that_wants_its_kind(campaign: Campaign) -> None:
    wanting = {webhook(campaign).pk, webhook(campaign, kinds=[Kind.BATCH_SEALED]).pk}
    webhook(campaign, kinds=[Kind.EXPORT_READY])
    factories.batch(campaign)
    deliveries = told()
    assert {delivery.webhook_id for delivery in deliveries} == wanting
    assert len({delivery.message_id for delivery in deliveries}) == 1
    assert told() == []


def test_a_webhook_is_told_of_its_campaigns_own_batches_and_of_no_shared_one(campaign: Campaign) -> None:
    other = factories.campaign()
    webhook(campaign)
    everything = webhook(None)
    factories.batch(other)
    assert [delivery.webhook for delivery in told()] == [everything]
    for one in (campaign, other):
        factories.judged_comparison(one)
    sealed(campaign, other)
    assert [delivery.webhook for delivery in told()] == [everything]


def test_what_happened_before_a_webhook_was_made_or_while_it_was_off_is_not_told(campaign: Campaign) -> None:
    factories.batch(campaign)
    hook = webhook(campaign)
    assert told() == []
    actions.turn_off(webhook=hook, by=None)
    factories.batch(campaign)
    actions.turn_on(webhook=hook, by=None)
    assert [delivery.message.kind for delivery in told()] == [Kind.PING]
    factories.batch(campaign)
    assert [delivery.message.kind for delivery in told()] == [Kind.BATCH_SEALED]


def test_a_ping_goes_to_the_webhook_that_it_was_asked_for(campaign: Campaign) -> None:
    webhook(campaign)
    hook = webhook(campaign, kinds=[Kind.EXPORT_READY])
    actions.ping(webhook=hook, by=None)
    (delivery,) = told()
    assert (delivery.webhook, said(delivery)["type"], said(delivery)["data"]) == (hook, "ping", {})


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_after_later_ones_were_told_is_told_all_the_same(campaign: Campaign) -> None:
    hook = webhook(campaign)
    written_down, announced = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            actions.ping(webhook=webhook_of_slow, by=None)
            written_down.set()
            assert announced.wait(30)

    webhook_of_slow = webhook(campaign)

    def quick() -> None:
        assert written_down.wait(30)
        actions.ping(webhook=hook, by=None)
        told()
        announced.set()

    assert at_once([slow, quick]) == [None, None]
    late, early = Event.objects.filter(verb="webhook.pinged").order_by("pk")[2:]
    assert (late.subject, early.subject) == (f"webhook:{webhook_of_slow.pk}", f"webhook:{hook.pk}")
    assert [delivery.webhook for delivery in told()] == [webhook_of_slow]


@pytest.mark.django_db(transaction=True)
def test_announcing_several_times_at_once_tells_each_event_once(campaign: Campaign) -> None:
    webhook(campaign)
    factories.batch(campaign)
    made = at_once([partial(outbox.announce)] * 4)
    assert sorted(made) == [0, 0, 0, 1]
    assert Delivery.objects.count() == 1


def test_looking_for_untold_events_reads_the_index_of_the_few_that_are_told(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        webhook(campaign)
    asked = next(one["sql"] for one in queries if "LEFT OUTER JOIN" in one["sql"] and "exports_message" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "event_told_outside" in plan


def test_every_verb_that_is_told_outside_has_its_kind() -> None:
    assert set(outbox.TOLD_OUTSIDE) == set(outbox.KINDS)
    assert set(outbox.KINDS.values()) == set(Kind)
