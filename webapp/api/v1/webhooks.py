"""Webhooks of a campaign: register one, see what was sent to it, turn it off."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from exports.webhooks import actions, overview
from exports.webhooks.models import CHOSEN, Delivery, Webhook
from preferences.choices import DeliveryStatus
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation

EXAMPLE = {
    "id": 4,
    "campaign": "helpful",
    "host": "hooks.example",
    "kinds": ["batch.sealed", "export.ready"],
    "is_on": True,
    "off_reason": "",
    "waiting": 0,
    "delivered": 12,
    "given_up": 0,
    "arrived_at": "2026-11-23T00:15:03Z",
    "created_at": "2026-11-02T08:00:00Z",
}
DELIVERY = {
    "id": 77,
    "message": "6e3d3a4e-58b5-4be5-8f0b-4b2c4a8a9d11",
    "kind": "batch.sealed",
    "status": "delivered",
    "asked_at": "2026-11-23T00:15:02Z",
    "due_at": None,
    "attempts": [{"at": "2026-11-23T00:15:03Z", "milliseconds": 81, "code": 200, "failure": ""}],
}
KINDS = [kind.value for kind in CHOSEN]


class WebhookOutput(serializers.Serializer[Webhook]):
    id = serializers.IntegerField()
    campaign = serializers.CharField(source="campaign.slug")
    host = serializers.SerializerMethodField(help_text="The rest of its address may be a secret.")
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS))
    is_on = serializers.BooleanField()
    off_reason = serializers.CharField()
    waiting = serializers.IntegerField(help_text="Deliveries on their way.")
    delivered = serializers.IntegerField()
    given_up = serializers.IntegerField()
    arrived_at = serializers.DateTimeField(allow_null=True, help_text="When the last one arrived.")
    created_at = serializers.DateTimeField()

    def get_host(self, webhook: Webhook) -> str:
        return overview.host_of(webhook)


class AttemptOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField()
    code = serializers.IntegerField(allow_null=True, help_text="Status of HTTP.")
    failure = serializers.CharField(help_text="Why there is no answer.")


class DeliveryOutput(serializers.Serializer[Delivery]):
    id = serializers.IntegerField()
    message = serializers.UUIDField(source="message_id")
    kind = serializers.CharField(source="message.kind")
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    attempts = AttemptOutput(many=True)


class Webhooks(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        url = serializers.CharField(max_length=2000)
        kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS), allow_empty=False)

    class Made(WebhookOutput):
        secret = serializers.CharField(help_text="What its messages are signed with. Shown this once.")

    Page = paging.pages_of(WebhookOutput)

    @extend_schema(
        operation_id="webhooks_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The campaign's webhooks, newest first."""
        found = overview.webhooks_of(managing.campaign(request, slug)).select_related("campaign")
        return paging.page(request, found, WebhookOutput, order=("-pk",))

    @extend_schema(
        operation_id="webhooks_register",
        request=Input,
        responses={201: Made},
        examples=[
            OpenApiExample(
                "an address", {"url": "https://hooks.example/margin", "kinds": ["batch.sealed"]}, request_only=True
            ),
            OpenApiExample("registered", {**EXAMPLE, "secret": "whsec_…"}, response_only=True),  # an example # nosec B105
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Registers an address, which is sent a ping. Its secret is told this once."""
        campaign, asked = managing.campaign(request, slug), reading.body(request, self.Input)
        site = request.build_absolute_uri("/").removesuffix("/")
        made, secret = actions.register(campaign=campaign, site=site, by=person(request), **asked)
        return Response({**WebhookOutput(_one(request, made.pk)).data, "secret": secret}, status=201)


class OneWebhook(Operation):
    scopes = {"GET": Scope.MANAGE, "DELETE": Scope.MANAGE}

    @extend_schema(
        operation_id="webhooks_read",
        responses={200: WebhookOutput},
        examples=[OpenApiExample("a webhook", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One webhook."""
        return Response(WebhookOutput(_one(request, pk)).data)

    @extend_schema(operation_id="webhooks_turn_off", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Turns it off: what is on its way is given up. What was sent stays to be read."""
        actions.turn_off(webhook=_one(request, pk), by=person(request))
        return Response(status=204)


class Deliveries(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        status = serializers.ChoiceField(choices=DeliveryStatus.choices, required=False)

    Page = paging.pages_of(DeliveryOutput)

    @extend_schema(
        operation_id="webhooks_deliveries",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(DELIVERY)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """What was sent to it and what it answered, newest first."""
        asked = reading.query(request, self.Query, paged=True)
        found = overview.log_of(_one(request, pk)).filter(**asked)
        return paging.page(request, found, DeliveryOutput, order=("-pk",))


def _one(request: Request, pk: int) -> Webhook:
    managed = managing.campaigns(request).order_by().values("pk")
    webhook = get_object_or_404(Webhook.objects.select_related("campaign"), pk=pk, campaign__in=managed)
    found: QuerySet[Webhook] = overview.webhooks_of(webhook.campaign).select_related("campaign")
    return found.get(pk=pk)
