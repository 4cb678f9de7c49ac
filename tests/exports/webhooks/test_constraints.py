"""What the database refuses of webhooks, messages and deliveries."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from exports.webhooks.models import Attempt, Kind, Message, WebhookSecret
from tests.factories.webhooks import AttemptFactory, DeliveryFactory, MessageFactory, WebhookFactory
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"kinds": []}, "webhook_kinds"),
        ({"kinds": ["ping"]}, "webhook_kinds"),
        ({"kinds": ["batch.sealed", "judgment.recorded"]}, "webhook_kinds"),
        ({"off_at": NOW, "off_reason": "tired"}, "webhook_off_reason"),
        ({"off_at": NOW, "off_reason": ""}, "webhook_off_for_a_reason"),
        ({"off_at": None, "off_reason": "gone"}, "webhook_off_for_a_reason"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_a_webhook_is_told_of_kinds_that_there_are_and_is_off_for_a_reason(
    fields: dict[str, Any], constraint: str
) -> None:
    with refused(constraint):
        WebhookFactory(**fields)


def test_a_webhook_has_one_secret_that_does_not_end() -> None:
    hook = WebhookFactory()
    for ends_at in (NOW, NOW, None):
        WebhookSecret.objects.create(webhook=hook, encrypted="x", ends_at=ends_at)
    with refused("webhook_has_one_secret"):
        WebhookSecret.objects.create(webhook=hook, encrypted="x")


def test_an_event_is_told_once_and_each_webhook_once_of_it() -> None:
    delivery = DeliveryFactory()
    with refused("exports_message_event_id"):
        MessageFactory(event=delivery.message.event)
    with refused("message_kind"):
        MessageFactory(kind="judgment.recorded")
    with refused("delivery_once"):
        DeliveryFactory(webhook=delivery.webhook, message=delivery.message)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost", "due_at": None}, "delivery_status"),
        ({"status": "waiting", "due_at": None}, "delivery_due_while_waiting"),
        ({"status": "delivered", "due_at": NOW}, "delivery_due_while_waiting"),
        ({"status": "failed", "due_at": None, "leased_until": NOW}, "delivery_due_while_waiting"),
    ],
    ids=["status", "waiting", "delivered", "leased"],
)
def test_a_delivery_is_due_and_held_only_while_it_waits(fields: dict[str, Any], constraint: str) -> None:
    with refused(constraint):
        DeliveryFactory(**fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"code": None, "failure": "bad luck"}, "attempt_failure"),
        ({"code": None}, "attempt_answered_or_failed"),
        ({"code": 200, "failure": "time"}, "attempt_answered_or_failed"),
        ({"code": None, "failure": "time", "answer": "x"}, "attempt_answered_or_failed"),
    ],
    ids=["failure", "neither", "both", "answer"],
)
def test_an_attempt_was_answered_or_failed(fields: dict[str, Any], constraint: str) -> None:
    with refused(constraint):
        AttemptFactory(**fields)


def test_what_was_told_and_what_was_answered_stays() -> None:
    attempt = AttemptFactory()
    with refused("Cannot update or delete rows"):
        Attempt.objects.filter(pk=attempt.pk).update(code=500)
    with refused("Cannot update or delete rows"):
        Message.objects.update(kind=Kind.EXPORT_READY)
    with refused("Cannot update or delete rows"):
        Attempt.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
