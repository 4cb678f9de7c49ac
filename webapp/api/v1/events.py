"""Events: what was done in a manager's campaigns, to what, by whom and from where."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.models import Event
from webapp import event_search
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.operations import Operation

EXAMPLE = {
    "id": 120399,
    "at": "2026-11-20T08:00:00Z",
    "verb": "campaign.opened",
    "subject": "campaign:3",
    "person": "calm-heron-512904",
    "campaign": "helpful",
    "data": {},
    "request_id": "0f0e6f6ac3a14b0ca0f9b5e3c1e6a2d4",
    "door": "web",
    "through": "session:5f2b9c81d0a4e377",
    "address": "203.0.113.0/24",
}
NAMES = {
    "campaign": "campaign__slug",
    "person": "actor__pseudonym",
    "request": "request_id",
    "since": "at__gte",
    "until": "at__lt",
}


class EventOutput(serializers.Serializer[Event]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField(help_text="noun.past_participle, such as judgment.recorded.")
    subject = serializers.CharField(help_text="noun:id.")
    person = serializers.CharField(
        source="actor.pseudonym", default=None, allow_null=True, help_text="A pseudonym; null: a machine acted."
    )
    campaign = serializers.CharField(source="campaign.slug", default=None, allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # a field is no attribute of its serializer
    request_id = serializers.CharField(help_text="As the logs have it; empty: none asked for it.")
    door = serializers.CharField(help_text="web, api, task NAME or command NAME.")
    through = serializers.CharField(help_text="token:id, or session: with a digest that is the session's alone.")
    address = serializers.CharField(help_text="The network that the request came from; never the whole address.")


class Events(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False)
        verb = serializers.CharField(max_length=60, required=False, help_text="Or its noun alone, such as batch.")
        subject = serializers.CharField(max_length=80, required=False, help_text="Such as campaign:3.")
        person = serializers.CharField(max_length=60, required=False, help_text="A pseudonym.")
        request = serializers.CharField(max_length=64, required=False, help_text="Its id.")
        since = serializers.DateTimeField(required=False, help_text="From this moment on.")
        until = serializers.DateTimeField(required=False, help_text="Before this moment.")

    Page = paging.pages_of(EventOutput)

    @extend_schema(
        operation_id="events_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The events of the person's campaigns and of the accounts of people in these, newest first.

        Of no campaign, what they did themselves is there as well; an administrator sees all.
        """
        asked = reading.query(request, self.Query, paged=True)
        if "." not in asked.get("verb", "."):
            asked["verb__startswith"] = f"{asked.pop('verb')}."
        found = _seen(request).filter(**{NAMES.get(name, name): value for name, value in asked.items()})
        return paging.page(request, found, EventOutput, order=("-pk",))


class OneEvent(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="events_read",
        responses={200: EventOutput},
        examples=[OpenApiExample("an event", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One event."""
        return Response(EventOutput(get_object_or_404(_seen(request), pk=pk)).data)


def _seen(request: Request) -> QuerySet[Event]:
    return event_search.visible(managing.manager(request)).select_related("actor", "campaign")
