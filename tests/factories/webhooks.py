from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from exports.webhooks.models import Attempt, Delivery, Kind, Message, Webhook
from preferences.models import Event


class EventFactory(DjangoModelFactory[Event]):
    class Meta:
        model = Event

    verb = "webhook.pinged"
    subject = "webhook:0"


class WebhookFactory(DjangoModelFactory[Webhook]):
    class Meta:
        model = Webhook

    url = "https://hooks.example/in"
    site = "https://margin.example"
    kinds = [Kind.BATCH_SEALED]
    since = factory.LazyFunction(timezone.now)


class MessageFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    event = factory.SubFactory(EventFactory)
    kind = Kind.PING
    data = {}


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    webhook = factory.SubFactory(WebhookFactory)
    message = factory.SubFactory(MessageFactory)
    asked_at = factory.LazyFunction(timezone.now)
    due_at = factory.LazyFunction(timezone.now)


class AttemptFactory(DjangoModelFactory[Attempt]):
    class Meta:
        model = Attempt

    delivery = factory.SubFactory(DeliveryFactory)
    at = factory.LazyFunction(timezone.now)
    milliseconds = 12
    code = 200
