"""Deliveries: signed, until it worked or was tried often enough, each by one worker at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from django.utils import timezone

from exports.webhooks import actions, delivering, signing, tasks
from exports.webhooks.models import Attempt, Delivery, Failure, OffReason, Webhook
from exports.webhooks.posting import Answer
from preferences.choices import DeliveryStatus
from preferences.models import Event
from tests import factories
from tests.clock import Clock
from tests.concurrency import at_once
from tests.exports.webhooks.helpers import told, webhook
from tests.exports.webhooks.receiver import LOOPBACK, Receiver, receiving

pytestmark = pytest.mark.django_db

OK, BUSY = Answer(12, code=200, body="ok"), Answer(12, code=503, body="busy")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = LOOPBACK
    with receiving() as made:
        yield made


def on_its_way(hook: Webhook | None = None) -> Delivery:
    hook = hook or webhook()
    actions.ping(webhook=hook, by=None)
    return told()[-1]


def tried(delivery: Delivery, answer: Answer) -> Delivery:
    """The delivery after the next attempt, which it is due for."""
    delivery.refresh_from_db()
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(days=1))
    claimed = next(one for one in delivering.claim() if one.pk == delivery.pk)
    delivering.record(delivery=claimed, answer=answer, at=timezone.now())
    return Delivery.objects.select_related("webhook").get(pk=delivery.pk)


def test_what_happens_reaches_the_receiver_signed(receiver: Receiver) -> None:
    campaign = factories.campaign()
    hook, secret = actions.register(
        campaign=campaign, url=receiver.url, kinds=["batch.sealed"], site="https://margin.example", by=None
    )
    batch = factories.batch(campaign)
    receiver.answer(200, b"taken")

    tasks.deliver()

    ping, sealed = receiver.received
    assert orjson.loads(ping.body)["type"] == "ping"
    assert orjson.loads(sealed.body)["data"]["batch"]["sha256"] == batch.sha256
    for got in (ping, sealed):
        assert got.headers["content-type"] == "application/json"
        assert got.headers["webhook-signature"] == signing.signatures(
            [secret],
            message=got.headers["webhook-id"],
            timestamp=int(got.headers["webhook-timestamp"]),
            body=got.body,
        )
    assert list(hook.deliveries.values_list("status", "due_at")) == [(DeliveryStatus.DELIVERED, None)] * 2
    assert set(Attempt.objects.values_list("code", "failure", "answer")) == {(200, "", "taken")}


def test_a_message_that_was_not_taken_comes_again_with_the_same_id_and_the_same_body(receiver: Receiver) -> None:
    delivery = on_its_way(webhook(url=receiver.url))
    receiver.answer(500, b"no")
    receiver.answer(200)

    tasks.deliver()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.leased_until) == (DeliveryStatus.WAITING, None)
    tasks.deliver()
    assert len(receiver.received) == 1  # it is not due yet
    Delivery.objects.update(due_at=timezone.now())
    tasks.deliver()

    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.DELIVERED


def test_a_new_secret_signs_beside_the_old_one_for_a_day(receiver: Receiver, clock: Clock) -> None:
    hook = webhook(url=receiver.url)
    secrets = []
    for hours in (0, 1, 24):
        clock.goes(hours=hours)
        if hours == 1:
            actions.rotate(webhook=hook, by=None)
        on_its_way(hook)
        delivering.deliver_due()
        secrets.append(len(receiver.received[-1].headers["webhook-signature"].split(" ")))
    assert secrets == [1, 2, 1]
    assert hook.secrets.count() == 2
    actions.rotate(webhook=hook, by=None)
    assert hook.secrets.count() == 2  # what signs nothing any more is gone


def test_it_waits_longer_each_time_and_gives_up_after_eight_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, waits = on_its_way(), []
    monkeypatch.setattr(delivering.random, "uniform", lambda low, high: high)
    for _ in range(7):
        before = timezone.now()
        delivery = tried(delivery, BUSY)
        assert delivery.due_at is not None
        waits.append((delivery.due_at - before).total_seconds() / 1.2)
    assert waits == pytest.approx([5, 60, 300, 1800, 7200, 21600, 43200], abs=4)
    delivery = tried(delivery, BUSY)
    assert (delivery.status, delivery.due_at) == (DeliveryStatus.FAILED, None)
    assert delivery.webhook.is_on  # it fails since a moment, not for days
    assert Event.objects.filter(verb="delivery.failed").count() == 1


def test_the_waits_differ_so_that_receivers_are_not_called_by_all_at_once() -> None:
    assert len({delivering.wait(7) for _ in range(20)}) > 1
    bounds = timedelta(hours=12 * 0.8), timedelta(hours=12 * 1.2)
    assert all(bounds[0] <= delivering.wait(7) <= bounds[1] for _ in range(50))


def test_gone_turns_the_webhook_off_and_gives_up_what_is_on_its_way() -> None:
    hook = webhook()
    delivery, other = on_its_way(hook), on_its_way(hook)
    tried(delivery, Answer(5, code=410))
    hook.refresh_from_db()
    assert (hook.is_on, hook.off_reason) == (False, OffReason.GONE)
    assert {one.status for one in Delivery.objects.filter(pk__in=[delivery.pk, other.pk])} == {DeliveryStatus.FAILED}
    assert Event.objects.get(verb="webhook.turned_off").data == {"reason": "gone"}


def fails(hook: Webhook) -> Webhook:
    delivery = on_its_way(hook)
    for _ in range(8):
        delivery = tried(delivery, BUSY)
    hook.refresh_from_db()
    return hook


def test_a_webhook_is_turned_off_when_a_message_is_given_up_after_three_days_of_failing(clock: Clock) -> None:
    hook = webhook()
    assert fails(hook).is_on
    clock.goes(days=2)
    assert fails(hook).is_on
    clock.goes(days=1)
    assert (fails(hook).is_on, hook.off_reason) == (False, OffReason.FAILING)


def test_what_worked_meanwhile_and_turning_on_again_begin_the_three_days_anew(clock: Clock) -> None:
    hook = webhook()
    fails(hook)
    clock.goes(days=2)
    tried(on_its_way(hook), OK)
    clock.goes(days=2)
    assert fails(hook).is_on
    clock.goes(days=4)
    assert not fails(hook).is_on
    actions.turn_on(webhook=hook, by=None)
    assert fails(hook).is_on


def test_a_secret_that_cannot_be_read_is_a_failed_attempt_and_nothing_is_sent(
    receiver: Receiver, settings: Any
) -> None:
    on_its_way(webhook(url=receiver.url))
    settings.SECRET_KEY = "another"
    delivering.deliver_due()
    assert (Attempt.objects.get().failure, receiver.received) == (Failure.SECRET, [])


def test_a_webhook_is_sent_one_message_at_a_time_the_oldest_first() -> None:
    hook = webhook()
    first, second = on_its_way(hook), on_its_way(hook)
    elsewhere = on_its_way()
    assert {one.pk for one in delivering.claim()} == {first.pk, elsewhere.pk}
    assert delivering.claim() == []
    delivering.record(delivery=Delivery.objects.get(pk=first.pk), answer=OK, at=timezone.now())
    assert [one.pk for one in delivering.claim()] == [second.pk]


def test_what_a_dead_worker_held_is_taken_up_and_what_it_says_late_changes_nothing(clock: Clock) -> None:
    delivery = on_its_way()
    (held,) = delivering.claim()
    clock.goes(seconds=61)
    (again,) = delivering.claim()
    assert again.pk == delivery.pk
    delivering.record(delivery=held, answer=Answer(60_000, failure=Failure.TIME), at=timezone.now())
    delivery.refresh_from_db()
    assert (delivery.status, delivery.leased_until) == (DeliveryStatus.WAITING, again.leased_until)
    delivering.record(delivery=again, answer=OK, at=timezone.now())
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts.count()) == (DeliveryStatus.DELIVERED, 2)


def test_nothing_is_sent_to_a_webhook_that_is_off() -> None:
    delivery = on_its_way()
    actions.turn_off(webhook=delivery.webhook, by=None)
    delivery.refresh_from_db()
    assert (delivery.status, delivering.claim()) == (DeliveryStatus.FAILED, [])


def test_a_turn_at_the_worker_ends_though_more_is_due(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = webhook(url=receiver.url)
    for _ in range(3):
        on_its_way(hook)
    seconds = iter([0.0, 1.0, delivering.TURN_SECONDS])
    monkeypatch.setattr(delivering.time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(delivering, "post", lambda *_args, **_kwargs: OK)
    delivering.deliver_due()
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_send_each_message_once(receiver: Receiver) -> None:
    hook = webhook(url=receiver.url)
    for _ in range(3):
        on_its_way(hook)
    assert at_once([tasks.deliver] * 4) == [None] * 4
    assert len({got.headers["webhook-id"] for got in receiver.received}) == len(receiver.received) == 3


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_claim_each_delivery_once() -> None:
    for _ in range(3):
        on_its_way()
    claimed = at_once([partial(delivering.claim)] * 4)
    assert sorted(one.pk for found in claimed for one in found) == sorted(Delivery.objects.values_list("pk", flat=True))
